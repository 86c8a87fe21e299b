"""The form of a journey: its own fields, and a numbered form for each stage."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from activations.errors import Problem
from activations.journeys.definitions import MOST_STAGES, Definition, Stage
from activations.models import Activation, JourneyStage, ParentSegment, Segment

CHOSEN = {"class": "form-select", "data-combobox": ""}


class JourneyForm(forms.Form):
    name = forms.CharField(label="Journey name", error_messages={"required": "Write a name."})
    entry_segment = forms.ModelChoiceField(
        label="Entry segment", queryset=Segment.objects.none(), empty_label="Choose a segment",
        help_text="Its profiles enter the journey, each once.", widget=forms.Select(attrs=CHOSEN),
        error_messages={"required": "Choose the segment whose profiles enter."},
    )  # fmt: skip
    exit_segment = forms.ModelChoiceField(
        label="Exit segment", queryset=Segment.objects.none(), required=False, empty_label="None",
        help_text="Its profiles leave the journey wherever they are, and do not enter.",
        widget=forms.Select(attrs=CHOSEN),
    )  # fmt: skip

    def __init__(self, audience: ParentSegment, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("entry_segment", "exit_segment"):
            _choose(self.fields[name], audience.segments.all())


class StageForm(forms.Form):
    name = forms.CharField(label="Stage name", error_messages={"required": "Write a name."})
    segment = forms.ModelChoiceField(
        label="Segment", queryset=Segment.objects.none(), required=False, empty_label="Every profile",
        help_text="Who may come into this stage.", widget=forms.Select(attrs=CHOSEN),
    )  # fmt: skip
    wait = forms.IntegerField(
        label="Wait", help_text="Before a profile may move on.",
        error_messages={"invalid": "Write a whole number.", "required": "Write a number, 0 for none."},
    )  # fmt: skip
    wait_unit = forms.ChoiceField(label="Unit", choices=JourneyStage.Unit.choices)
    activations = forms.ModelMultipleChoiceField(
        label="Activations", queryset=Activation.objects.none(), required=False,
        help_text="Each sends the profiles that reach this stage, once.",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, audience: ParentSegment, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _choose(self.fields["segment"], audience.segments.all())
        mine = Activation.objects.saved().filter(segment__audience=audience)
        _choose(self.fields["activations"], mine.select_related("segment"))


class Forms:
    """Both kinds together, as one page has them."""

    def __init__(self, audience: ParentSegment, main: JourneyForm, stages: list[StageForm]) -> None:
        self.audience, self.main, self.stages = audience, main, stages

    @classmethod
    def of(cls, audience: ParentSegment, made: Definition) -> "Forms":
        """To be filled in; not checked yet."""
        main = {"name": made.name, "entry_segment": made.entry_segment, "exit_segment": made.exit_segment}
        stages = [
            {"name": one.name, "segment": one.segment, "wait": one.wait, "wait_unit": one.wait_unit,
             "activations": [each.pk for each in one.activations]}
            for one in made.stages
        ]  # fmt: skip
        return cls._unchecked(audience, main, stages)

    @classmethod
    def bound(cls, audience: ParentSegment, data: QueryDict) -> "Forms":
        stages = [StageForm(audience, data, prefix=f"stage-{i}") for i in range(_count(data))]
        return cls(audience, JourneyForm(audience, data), stages)

    @classmethod
    def rearranged(cls, audience: ParentSegment, data: QueryDict, then: str) -> "Forms":
        """As typed, after "add", "remove-1", "up-1" or "down-0"."""
        typed = cls.bound(audience, data)
        main = {name: typed.main[name].value() for name in typed.main.fields}
        stages = [{name: one[name].value() for name in one.fields} for one in typed.stages]
        verb, _, number = then.partition("-")
        i = int(number) if number.isdecimal() else -1
        if verb == "add" and len(stages) < MOST_STAGES:
            stages.append(new_stage())
        elif verb == "remove" and 0 <= i < len(stages) > 1:
            stages.pop(i)
        elif verb == "up" and 0 < i < len(stages):
            stages.insert(i - 1, stages.pop(i))
        elif verb == "down" and 0 <= i < len(stages) - 1:
            stages.insert(i + 1, stages.pop(i))
        return cls._unchecked(audience, main, stages)

    @classmethod
    def _unchecked(
        cls, audience: ParentSegment, main: Mapping[str, Any], stages: list[dict[str, Any]]
    ) -> "Forms":
        made = [StageForm(audience, prefix=f"stage-{i}", initial=one) for i, one in enumerate(stages)]
        return cls(audience, JourneyForm(audience, initial=dict(main)), made)

    def is_valid(self) -> bool:
        return all([self.main.is_valid(), *(one.is_valid() for one in self.stages)])

    def definition(self) -> Definition:
        """Of what could be read; a field in error counts as empty."""
        main = self.main.cleaned_data
        stages = [one.cleaned_data for one in self.stages]
        return Definition(
            name=main.get("name", ""),
            entry_segment=main.get("entry_segment"),
            exit_segment=main.get("exit_segment"),
            stages=tuple(
                Stage(
                    one.get("name", ""), one.get("segment"), one.get("wait", 0), one.get("wait_unit", "days"),
                    tuple(one.get("activations", ())),
                )
                for one in stages
            ),
        )  # fmt: skip

    def note(self, problems: Iterable[Problem]) -> None:
        """Each beside its field, unless the form itself had something to say there."""
        for problem in problems:
            words = problem.path.split(".")
            inside = len(words) == 3 and int(words[1]) < len(self.stages)
            form = self.stages[int(words[1])] if inside else self.main
            field = words[-1] if words[-1] in form.fields else None
            if field is None or field not in form.errors:
                form.add_error(field, problem.message)


def new_stage() -> dict[str, Any]:
    return {"name": "", "wait": 1, "wait_unit": JourneyStage.Unit.DAYS, "activations": []}


def _count(data: QueryDict) -> int:
    number = data.get("stages", "")
    return min(int(number), MOST_STAGES) if number.isdecimal() and len(number) < 4 else 0


def _choose(field: forms.Field, found: Any) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = found
