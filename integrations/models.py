"""Authentications and the delivery ledger. Nothing here knows of queries, jobs or segments."""

from typing import Any

from django.conf import settings
from django.db import models

from integrations import vault


class AuthenticationQuerySet(models.QuerySet["Authentication"]):
    def saved(self) -> "AuthenticationQuerySet":
        """Those that have been given a name; the rest are drafts of the New Authentication dialog."""
        return self.exclude(name=None)


class Authentication(models.Model):
    """Saved, named credentials for one connector. Its secrets are encrypted at rest."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", "Not tested"
        HEALTHY = "healthy", "Healthy"
        SLOW = "slow", "Slow"
        RECONNECT = "reconnect", "Reconnect needed"
        UNREACHABLE = "unreachable", "Unreachable"

    connector = models.CharField(max_length=40)  # the registry's key; never a choices list (migrations)
    name = models.CharField(max_length=255, unique=True, null=True)  # None while it is a draft
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="authentications"
    )
    keys = models.JSONField(default=dict)  # everything but secrets
    sealed = models.TextField(default="")  # the secrets, encrypted by the vault
    account = models.CharField(max_length=255, blank=True)  # "10843 · api.treasuredata.com"
    detail = models.CharField(max_length=100, blank=True)  # "write-only key"
    health = models.CharField(max_length=20, choices=Health.choices, default=Health.UNKNOWN)
    health_message = models.TextField(blank=True)
    health_ms = models.IntegerField(null=True)  # how long the last accepted test took
    health_checked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AuthenticationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or f"draft {self.pk}"

    @property
    def health_words(self) -> str:
        """ "Healthy", or "Slow, 4.8 s"."""
        slow = self.health == self.Health.SLOW and self.health_ms is not None
        return self.get_health_display() + (f", {(self.health_ms or 0) / 1000:.1f} s" if slow else "")

    def secrets(self) -> dict[str, Any]:
        return vault.unseal(self.sealed)

    def credentials(self) -> dict[str, Any]:
        """What a connector's functions receive: keys and secrets together."""
        return {**self.keys, **self.secrets()}

    def seal(self, secrets: dict[str, Any]) -> None:
        self.sealed = vault.seal(secrets)


class Export(models.Model):
    """One delivery of one stored result through one authentication. Changed only by the delivery engine."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Exporting"
        SUCCESS = "success", "Done"
        REJECTED = "rejected", "Done with rejected rows"
        ERROR = "error", "Failed"
        KILLED = "killed", "Killed"

    FINAL = frozenset({Status.SUCCESS, Status.REJECTED, Status.ERROR, Status.KILLED})

    authentication = models.ForeignKey(
        Authentication, on_delete=models.SET_NULL, null=True, related_name="exports"
    )
    authentication_name = models.CharField(max_length=255)  # as it was, should it be deleted later
    connector = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)  # as they were when the run began
    result_path = models.TextField()  # the stored result this delivers, relative to RESULTS_DIR
    default_time = models.BigIntegerField()  # Unix seconds; one constant for the whole delivery
    confirmed_empty = models.BooleanField(default=False)  # a person agreed to replace with no rows
    # Only the rows that another export did not deliver: those it rejected, or those it left in doubt.
    resends = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="resent_by")
    resends_doubt = models.BooleanField(default=False)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED)
    rows_total = models.BigIntegerField(default=0)
    rows_delivered = models.BigIntegerField(default=0)  # acknowledged by the destination
    rows_rejected = models.BigIntegerField(default=0)
    rows_in_doubt = models.BigIntegerField(default=0)  # sent, but no answer came, and not to be repeated
    rows_at_fault = models.BigIntegerField(default=0)  # broke a rule and stopped the run before it began
    reject_reasons = models.JSONField(default=dict)  # reason -> how many rows
    bytes_sent = models.BigIntegerField(default=0)
    parts_total = models.IntegerField(null=True)
    retries = models.IntegerField(default=0)
    waited_ms = models.BigIntegerField(default=0)
    destination = models.JSONField(default=dict)  # label -> value, as resolved for this run
    remote = models.JSONField(default=dict)  # what the connector must remember to go on after a death

    error_kind = models.CharField(max_length=20, blank=True)  # integrations.errors.Kind
    error_message = models.TextField(blank=True)  # what did not happen, and why
    error_kept = models.TextField(blank=True)  # what is kept, and what had already been delivered
    error_action = models.TextField(blank=True)  # what to do

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["authentication", "-created_at"]),)

    def __str__(self) -> str:
        return f"export {self.pk} ({self.status})"

    @property
    def in_doubt(self) -> bool:
        """The destination may have taken the rows without answering. Continue this export; never begin another."""
        return self.status in self.FINAL and bool(self.remote.get("in_doubt"))

    def reopen(self, changed: dict[str, Any]) -> None:
        """Lets an export that ended in doubt go on where its ledger stands. `changed`: settings that do no harm."""
        self.settings = {**self.settings, **changed}
        self.status = self.Status.QUEUED
        self.finished_at = None
        self.error_kind = self.error_message = self.error_kept = self.error_action = ""
        self.retries = self.waited_ms = 0
        self.save()


class Part(models.Model):
    """A numbered piece of an export. Its row is committed before the first byte leaves."""

    class Status(models.TextChoices):
        INTENT = "intent", "Sending"
        ACKNOWLEDGED = "acknowledged", "Accepted"
        IN_DOUBT = "in_doubt", "In doubt"

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    index = models.IntegerField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)  # a resumed run must make the same bytes again
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.INTENT)
    rows_rejected = models.BigIntegerField(default=0)
    rows_in_doubt = models.BigIntegerField(default=0)
    first_row = models.BigIntegerField(default=0)  # by its number in the result, from 1; 0: not numbered
    last_row = models.BigIntegerField(default=0)
    remote_id = models.CharField(max_length=255, blank=True)
    intended_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["export", "index"], name="one_row_per_part"),)
        ordering = ("index",)

    def __str__(self) -> str:
        return f"part {self.index} of export {self.export_id}"


class RejectedRows(models.Model):
    """The rejected rows of one part, packed (`integrations.delivery.rejected`): kept as long as the result is."""

    AT_FAULT = -1  # instead of a part: rows that stopped the run before anything was sent

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="rejected")
    part = models.IntegerField()  # the part's index
    rows = models.IntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["export", "part"], name="rejected_rows_of_a_part"),)
        ordering = ("part",)

    def __str__(self) -> str:
        return f"{self.rows} rejected rows of export {self.export_id}"


class Attempt(models.Model):
    """One request that did not simply succeed, and what was done about it (with the try that ended it)."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(auto_now_add=True)
    number = models.IntegerField()  # 1 for the first try of this request
    request = models.TextField()  # "PUT bulk_import/upload_part/…/part-3", never a header or a secret
    response = models.TextField()  # "503 Service Unavailable"
    ok = models.BooleanField(default=False)
    wait_ms = models.BigIntegerField(null=True)  # None: no wait followed
    next_step = models.CharField(max_length=100)  # "Same part again"

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.request}: {self.response}"


class ExportEvent(models.Model):
    """A line of the export's log."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    level = models.CharField(max_length=5)  # info, warn, err
    message = models.TextField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.message


class SignIn(models.Model):
    """One sign-in at the other side, in a popup: from the click to the account, or to the reason why not."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered"  # the other side has sent the browser back; never waiting again
        CONNECTED = "connected", "Connected"
        REFUSED = "refused", "Refused"

    state = models.CharField(max_length=64, unique=True)  # told to nobody but the browser and the other side
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    connector = models.CharField(max_length=40)
    plan = models.CharField(max_length=20)
    dialog = models.TextField()  # the address of the dialog it was begun from
    reconnects = models.BooleanField(default=False)  # `authentication` is to get new tokens
    authentication = models.ForeignKey(
        Authentication, on_delete=models.CASCADE, null=True, related_name="sign_ins"
    )
    address = models.TextField(default="")  # where the popup is sent, so that it can be opened again
    sealed = models.TextField(default="")  # the code verifier and the state's binding to its owner
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    refusal = models.CharField(max_length=20, blank=True)  # integrations.oauth.Refusal
    words = models.TextField(blank=True)  # the other side's
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sign-in {self.pk} ({self.outcome})"

    def claim(self) -> bool:
        """True for the one answer that counts: a state is used once."""
        waiting = SignIn.objects.filter(pk=self.pk, outcome=self.Outcome.WAITING)
        return waiting.update(outcome=self.Outcome.ANSWERED) == 1

    def connect(self, authentication: Authentication) -> None:
        self.authentication, self.outcome, self.sealed = authentication, self.Outcome.CONNECTED, ""
        self.save(update_fields=["authentication", "outcome", "sealed"])

    def refuse(self, refusal: str, words: str = "") -> None:
        self.refusal, self.words, self.outcome, self.sealed = refusal, words, self.Outcome.REFUSED, ""
        self.save(update_fields=["refusal", "words", "outcome", "sealed"])


class Approval(models.Model):
    """What an administrator of the other side answered to a user's request. Shown, and trusted for nothing."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="approvals")
    connector = models.CharField(max_length=40)
    is_granted = models.BooleanField()
    tenant = models.CharField(max_length=100, blank=True)  # as the answer says: anybody could write it
    words = models.TextField(blank=True)
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "connector"], name="one_approval_per_user_and_connector"
            ),
        )

    def __str__(self) -> str:
        return f"approval {self.pk} ({'granted' if self.is_granted else 'declined'})"
