"""The editor's form, and the filters of the two lists."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from console.accounts.models import User
from console.workbench.models import EngineType, Job, JobQuerySet, Query
from console.workbench.queries import Draft
from integrations.models import Export

NAME_TAKEN = "A query with this name exists. Choose another name."


class EditorForm(forms.Form):
    """What stands in the editor. `draft()` once it is valid."""

    name = forms.CharField(
        max_length=255,
        label="Query name",
        error_messages={"required": "Give the query a name to save it. Run works without one."},
    )
    database = forms.CharField(
        max_length=255, label="Database", error_messages={"required": "Choose the database the query reads."}
    )
    type = forms.ChoiceField(choices=EngineType.choices, label="Type")
    sql = forms.CharField(required=False, strip=False, label="SQL")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, query: Query | None = None, **kwargs: Any) -> None:
        self.query = query
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Query.objects.filter(name=name)
        if self.query:
            others = others.exclude(pk=self.query.pk)
        if others.exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def clean_sql(self) -> str:
        sql: str = self.cleaned_data["sql"]
        return sql.replace("\r\n", "\n")  # what a browser makes of every line end in a textarea

    def draft(self) -> Draft:
        data = self.cleaned_data
        return Draft(data["name"], data["database"], data["type"], data["sql"])


class RunForm(EditorForm):
    """Running needs no name, but some SQL."""

    name = forms.CharField(max_length=255, required=False)
    sql = forms.CharField(strip=False, label="SQL", error_messages={"required": "Write some SQL to run."})

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name

    def clean_sql(self) -> str:
        if not self.cleaned_data["sql"].strip():
            raise forms.ValidationError("Write some SQL to run.")
        return super().clean_sql()


class JobFilter(forms.Form):
    """The Jobs list's filters; an unknown value filters nothing."""

    SINCE = (("", "Any time"), ("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days"))

    q = forms.CharField(required=False)
    status = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any status"),
            ("unfinished", "Not finished"),
            *Job.Status.choices,
            ("rejected", Export.Status.REJECTED.label),
        ],
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Any kind"), *Job.Kind.choices])
    owner = forms.ModelChoiceField(
        required=False, queryset=User.objects.order_by("email"), empty_label="Anybody"
    )
    since = forms.ChoiceField(required=False, choices=SINCE)
    query = forms.IntegerField(required=False, widget=forms.HiddenInput)
    authentication = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def apply(self, jobs: JobQuerySet) -> JobQuerySet:
        self.is_valid()
        data = self.cleaned_data
        if data.get("status") == "unfinished":
            jobs = jobs.unfinished()
        elif data.get("status") == "rejected":
            jobs = jobs.filter(status=Job.Status.SUCCESS, export__status=Export.Status.REJECTED)
        elif data.get("status") == Job.Status.SUCCESS:
            jobs = jobs.filter(status=Job.Status.SUCCESS).exclude(export__status=Export.Status.REJECTED)
        elif data.get("status"):
            jobs = jobs.filter(status=data["status"])
        for name, field in (
            ("kind", "kind"),
            ("owner", "user"),
            ("query", "query_id"),
            ("authentication", "export__authentication_id"),
        ):
            if data.get(name):
                jobs = jobs.filter(**{field: data[name]})
        if data.get("since"):
            jobs = jobs.filter(created_at__gte=timezone.now() - timedelta(days=int(data["since"])))
        return self._matching(jobs, data.get("q") or "")

    @staticmethod
    def _matching(jobs: JobQuerySet, text: str) -> JobQuerySet:
        if text.isdecimal() and len(text) < 19:
            return jobs.filter(pk=int(text)) | jobs.filter(query_name__icontains=text)
        return jobs.filter(query_name__icontains=text) if text else jobs
