"""The rows of the Output Mapping as the page draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from activations import output_mapping, previewing, timing
from activations.errors import Problem
from activations.models import Activation
from activations.output_mapping import Raw
from activations.string_builder import WORDS, Facts, StringType

SAID = {StringType.TIMESTAMP: "Time of export, {zone}"}


@dataclass(frozen=True)
class Row:
    """`errors` by field: "source", "value", "name"."""

    place: int
    title: str
    values: dict[str, str]
    errors: dict[str, str]
    fixed: str = ""  # what stands in the place of a value that nobody types
    lost: bool = False  # its source column is gone

    @property
    def number(self) -> int:
        return self.place + 1


def editor(activation: Activation, raw: Raw, problems: Sequence[Problem]) -> dict[str, Any]:
    attributes = list(activation.segment.audience.attributes.all())
    names = [one.name for one in attributes]
    zone = timing.zone_of(timing.of(activation, activation.owner))
    told = previewing.facts(activation, zone)
    return {
        "raw": raw,
        "available": names,
        "groups": [(group, list(found)) for group, found in groupby(attributes, lambda one: one.group)],
        "columns": [_column(place, one, problems, names) for place, one in enumerate(raw["columns"])],
        "strings": [_string(place, one, problems, told, zone) for place, one in enumerate(raw["strings"])],
        "types": [(type.value, *WORDS[type]) for type in StringType],
        "problems": problems,
        "general": [one.message for one in problems if one.path in ("", "all_columns")],
        "words": output_mapping.words(raw, names),
    }


def _column(place: int, one: Raw, problems: Iterable[Problem], names: Sequence[str]) -> Row:
    errors = _errors(f"columns.{place}", problems)
    return Row(place, one["source"], one, errors, lost=one["source"] not in names)


def _string(place: int, one: Raw, problems: Iterable[Problem], told: Facts, zone: str) -> Row:
    fixed = ""
    if one["type"] != StringType.STRING:
        fixed = previewing.string_text(one, told)
        if one["type"] in SAID:
            fixed = SAID[StringType(one["type"])].format(zone=zone)
    return Row(place, f"string {place + 1}", one, _errors(f"strings.{place}", problems), fixed)


def _errors(path: str, problems: Iterable[Problem]) -> dict[str, str]:
    return {
        one.path.removeprefix(f"{path}."): one.message for one in problems if one.path.startswith(f"{path}.")
    }
