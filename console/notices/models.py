"""Who wants to hear of what (Preferences), what was told (Notice), and each way it took (Dispatch, Attempt)."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from console.notices.webhook import Webhook
from integrations import vault

LEASE = timedelta(seconds=120)  # longer than the slowest mail server or receiver is waited for


class State(models.TextChoices):
    """How a subject's last run ended. PAUSED is no end: it leaves the last one as it was."""

    DONE = "done", "Done"
    REJECTED = "rejected", "Done with rejected rows"
    FAILED = "failed", "Failed"
    PAUSED = "paused", "Paused"


class PreferencesQuerySet(models.QuerySet["Preferences"]):
    def lock(self, subject: str) -> "Preferences | None":
        """Inside a transaction: of two runs that end at once, one tells after the other."""
        return self.select_for_update().filter(subject=subject).first()


class Preferences(models.Model):
    """What is told about one subject, and to whom. The webhook is sealed: Slack's addresses are secrets."""

    subject = models.CharField(max_length=100, unique=True)  # "query:41"; see `console.notices.subjects`
    on_success = models.BooleanField(default=False)
    on_failure = models.BooleanField(default=True)
    on_rejected = models.BooleanField(default=True)
    on_pause = models.BooleanField(default=True)
    emails = models.JSONField(default=list)
    sealed = models.TextField(default="")  # webhook_url and webhook_secret, encrypted by the vault
    state = models.CharField(max_length=10, choices=State.choices, blank=True)  # "": no run has ended yet
    updated_at = models.DateTimeField(auto_now=True)

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"notifications of {self.subject}"

    def secrets(self) -> dict[str, str]:
        return vault.unseal(self.sealed)

    @property
    def webhook(self) -> Webhook | None:
        return Webhook.of(self.secrets())

    def enter(self, state: str) -> None:
        self.state = state
        self.save(update_fields=["state"])


class Notice(models.Model):
    """One thing that was told. Its rows are written in the transaction that made it true."""

    class Kind(models.TextChoices):
        DONE = "done", "Done"
        RECOVERED = "recovered", "Works again"
        REJECTED = "rejected", "Done with rejected rows"
        FAILED = "failed", "Failed"
        FAILING = "failing", "Failed again"
        PAUSED = "paused", "Schedule paused"
        TEST = "test", "Test"

    subject = models.CharField(max_length=100)
    event = models.CharField(max_length=100)  # "job:12": what it is about, told once
    name = models.CharField(max_length=255)  # the subject's, as it was
    kind = models.CharField(max_length=10, choices=Kind.choices)
    previous = models.CharField(max_length=10, choices=State.choices, blank=True)
    title = models.CharField(max_length=300)
    message = models.TextField(blank=True)  # what happened
    action = models.TextField(blank=True)  # what to do
    link = models.CharField(max_length=500)  # a path of this console
    facts = models.JSONField(default=dict)  # for programs that read the webhook
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["subject", "event"], name="each_event_told_once"),)
        indexes = (models.Index(fields=["created_at"]),)

    def __str__(self) -> str:
        return self.title


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    def waiting(self) -> "DispatchQuerySet":
        return self.filter(status=Dispatch.Status.WAITING)

    def due(self, now: datetime) -> "DispatchQuerySet":
        """Waiting for nothing but a worker."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.waiting().filter(free, next_try_at__lte=now)

    @transaction.atomic
    def claim(self, pk: int) -> "Dispatch | None":
        """Takes it with a conditional UPDATE, and records the attempt before anything leaves."""
        now = timezone.now()
        taken = (
            self.due(now)
            .filter(pk=pk)
            .update(lease_until=now + LEASE, fence=F("fence") + 1, tries=F("tries") + 1)
        )
        if not taken:
            return None
        dispatch = self.select_related("notice").get(pk=pk)
        Attempt.objects.create(dispatch=dispatch, number=dispatch.fence)
        return dispatch


class Dispatch(models.Model):
    """A notice on its way to one recipient. Sent at least once: after a death it may arrive a second time."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="dispatches")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = models.CharField(max_length=320)  # an address; of a webhook what may be shown
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    tries = models.IntegerField(default=0)  # since it was last asked for
    answer = models.TextField(blank=True)  # the last one, and what to do about it
    next_try_at = models.DateTimeField(null=True, default=timezone.now)  # None once it is decided
    sent_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)  # when the queue was last told of it
    lease_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)  # rises with every claim: the number of its attempt

    objects = DispatchQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "dispatches"
        indexes = (
            models.Index(fields=["next_try_at"], condition=Q(status="waiting"), name="waiting_dispatches"),
        )

    def __str__(self) -> str:
        return f"notice {self.notice_id} to {self.recipient} ({self.status})"

    @property
    def is_decided(self) -> bool:
        return self.status != self.Status.WAITING

    def arrive(self, answer: str) -> None:
        self._end_attempt(answer, ok=True, status=self.Status.SENT, next_try_at=None, sent_at=timezone.now())

    def wait(self, answer: str, delay: timedelta) -> None:
        self._end_attempt(answer, ok=False, next_try_at=timezone.now() + delay)

    def give_up(self, answer: str) -> None:
        self._end_attempt(answer, ok=False, status=self.Status.FAILED, next_try_at=None)

    @transaction.atomic
    def ask_again(self) -> bool:
        """Whether it was decided, and so is sent once more from now on."""
        decided = Dispatch.objects.filter(pk=self.pk).exclude(status=self.Status.WAITING)
        return decided.update(status=self.Status.WAITING, tries=0, next_try_at=timezone.now()) == 1

    @transaction.atomic
    def _end_attempt(self, answer: str, *, ok: bool, **fields: object) -> None:
        """Writes nothing of the outcome where another worker holds it by now; the attempt is kept in any case."""
        Attempt.objects.filter(dispatch=self, number=self.fence).update(ok=ok, answer=answer)
        held = Dispatch.objects.waiting().filter(pk=self.pk, fence=self.fence)
        held.update(answer=answer, lease_until=None, **fields)


class Attempt(models.Model):
    """One try. Its row is there before anything leaves; without an answer, the worker died over it."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="attempts")
    number = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)
    ok = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"attempt {self.number} of dispatch {self.dispatch_id}"
