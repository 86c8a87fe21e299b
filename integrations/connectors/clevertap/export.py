"""The Export Results form, and what the job page says about where the rows go."""

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Keys, RetryPolicy
from integrations.connectors.clevertap.authentication import WAIT_SECONDS
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.operations import OPERATIONS, TARGETS, at_once, chosen
from integrations.connectors.clevertap.regions import HOSTS, NAMES
from integrations.fields import RetryFields, retry_policy

THREADS = "Enter a number from 1 to 10."


class ExportForm(RetryFields):
    writes: ClassVar[str] = "requests"
    sections: ClassVar[dict[str, list[str]]] = {
        "Destination": [
            "target", "operation", "array_operation", "list_name", "list_email", "segment_mode",
        ],
        "Processing": ["thread_count", "skip_invalid"],
        "Retries": ["retry_count", "retry_initial_wait_millis", "max_retry_wait_millis"],
    }  # fmt: skip
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {
        "operation": ("target", {"user_profiles"}),
        "array_operation": ("operation", {"upload_profiles"}),
        "list_name": ("target", {"custom_list"}),
        "list_email": ("target", {"custom_list"}),
        "segment_mode": ("target", {"custom_list"}),
        "thread_count": ("target", {"user_profiles", "user_events"}),
    }
    aliases: ClassVar[dict[str, str]] = {
        "target_data_entity": "target",
        "user_profiles_operation": "operation",
        "array_property_operation": "array_operation",
        "segment_operation_mode": "segment_mode",
        "skip_on_invalid_record": "skip_invalid",
    }

    target = forms.ChoiceField(
        label="Target Data Entity", choices=TARGETS, initial="user_profiles", widget=forms.RadioSelect
    )
    operation = forms.ChoiceField(
        label="User Profiles Operation",
        choices=[(each.key, each.label) for each in OPERATIONS],
        initial="upload_profiles",
    )
    array_operation = forms.ChoiceField(
        label="Array Property Operation",
        choices=[("replace", "Replace"), ("append", "Append"), ("remove", "Remove")],
        initial="replace",
        widget=forms.RadioSelect,
        help_text="What happens to the values a profile already has. For columns that hold arrays: of type array "
        "or JSON, or text that is a JSON array.",
    )
    list_name = forms.CharField(
        label="Name for Custom List Upload",
        max_length=255,
        error_messages={"required": "Enter the CleverTap segment name."},
        help_text="The segment's name in the CleverTap dashboard.",
    )
    list_email = forms.EmailField(
        label="Custom List Upload User Email",
        help_text="The e-mail of a CleverTap user with the Admin role; otherwise the upload fails. "
        "CleverTap tells this address when it has processed the list.",
    )
    segment_mode = forms.ChoiceField(
        label="Segment Operation Mode",
        choices=[("create", "Create New Segment"), ("update", "Update Existing Segment")],
        initial="create",
        widget=forms.RadioSelect,
        help_text="Create fails if a segment of this name exists, so it suits a query that runs once. "
        "Update fails if there is none.",
    )
    thread_count = forms.IntegerField(
        label="Thread Count Number",
        required=False,
        initial=5,
        help_text="Concurrent requests, 1 to 10. Demerge User Profile uses at most 3, CleverTap's own limit.",
    )
    skip_invalid = forms.BooleanField(
        label="Skip on Invalid Record",
        required=False,
        initial=False,
        help_text="On: rows that break a rule are set aside, listed with their reasons, and can be sent again. "
        "Off: such a row stops the export before anything is sent.",
    )
    retry_count = forms.IntegerField(
        label="Max Retries", required=False, initial=10, min_value=0, max_value=100
    )
    max_retry_wait_millis = forms.IntegerField(
        label="Max Retry Wait In Millies", required=False, initial=60_000, min_value=1, max_value=86_400_000
    )

    def clean_thread_count(self) -> int:
        count: int | None = self.cleaned_data["thread_count"]
        if count is None:
            return 5
        if not 1 <= count <= 10:
            raise ValidationError(THREADS)
        return count


def precheck(credentials: Keys, settings: Keys) -> None:
    """Proves the credentials before a run. Raises `DeliveryError`."""
    Client(credentials, patience=WAIT_SECONDS).check()


def retries(settings: Keys) -> RetryPolicy:
    return RetryPolicy(**retry_policy(settings), jitter=0.5)


def destination(credentials: Keys, settings: Keys) -> dict[str, str]:
    """What the job page shows about where the rows went."""
    region, operation = str(credentials["region"]), chosen(settings)
    shown = {"Account ID": str(credentials["account_id"]), "Region": f"{NAMES[region]} · {HOSTS[region]}"}
    target = dict(TARGETS)[settings["target"]]
    shown["Target Data Entity"] = target
    if settings["target"] == "user_profiles":
        shown["User Profiles Operation"] = operation.label
    if operation.key == "upload_profiles":
        shown["Array Property Operation"] = str(settings["array_operation"]).capitalize()
    if operation.key == "custom_list":
        shown["Name for Custom List Upload"] = settings["list_name"]
        shown["Segment Operation Mode"] = (
            "Create New Segment" if settings["segment_mode"] == "create" else "Update Existing Segment"
        )
        shown["After the upload"] = f"CleverTap e-mails {settings['list_email']} when processing ends."
    else:
        shown["Requests at once"] = str(at_once(settings))
    if settings.get("skip_invalid"):
        shown["Skip on Invalid Record"] = "On"
    return shown
