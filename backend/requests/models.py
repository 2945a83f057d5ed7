"""The kiosks' journals as they arrived, and what follows from them.

`StoredEntry` is the truth and is never changed. `Visit`, `Request`, `Payment` and `OpenCase` are projections:
they can be made again from the entries. `DeadLetter` holds what could not be applied, with its reason.
`StateChange` and `DeskPayment` are what staff did with a request; they stand beside the entries, and `Request.state`
follows from them. What leads a row to its municipality is `municipality_path` (see `backend.accounts.access`).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper

from backend.fleet.models import Kiosk, Municipality
from kiosk.domain.request_states import RequestState
from kiosk.domain.wire import RejectReason

_STATES = [(state.value, state.value) for state in RequestState]
_REJECT_REASONS = [(reason.value, reason.value) for reason in RejectReason]


# What people did at a kiosk, of which its page shows the last.
CARE_KINDS = ("device_cleaned", "paper_refilled", "readiness_reported")


class StoredEntry(models.Model):
    """One journal entry of a kiosk. `applied` is False while it lies among the dead letters."""

    id = models.UUIDField(primary_key=True, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="entries")
    sequence = models.PositiveBigIntegerField()
    visit_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    batch_id = models.UUIDField()
    received_at = models.DateTimeField()
    applied = models.BooleanField(default=True)

    class Meta:
        """A kiosk counts without repeating itself."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kiosk", "sequence"], name="sequence_once_per_kiosk")]
        indexes: ClassVar = [
            models.Index(fields=["visit_id"], condition=models.Q(visit_id__isnull=False), name="entry_of_visit"),
            models.Index(
                fields=["kiosk", "kind", "-sequence"], condition=models.Q(kind__in=CARE_KINDS), name="entry_of_care"
            ),
        ]


class DeadLetter(models.Model):
    """An entry that could not be applied. `entry` is None where it could not even be stored as an entry.

    `digest` makes a second delivery of the same text the same letter. `resolved_at`: applied later after all.
    """

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="dead_letters")
    entry = models.OneToOneField(StoredEntry, null=True, on_delete=models.PROTECT, related_name="dead_letter")
    sequence = models.PositiveBigIntegerField(null=True)
    digest = models.CharField(max_length=64)
    raw = models.TextField()
    reason = models.CharField(max_length=20, choices=_REJECT_REASONS)
    received_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        """The same text from the same kiosk is one letter."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kiosk", "digest"], name="letter_once_per_kiosk")]
        indexes: ClassVar = [
            models.Index(fields=["kiosk", "reason"], condition=models.Q(resolved_at__isnull=True), name="letter_open")
        ]


class Visit(models.Model):
    """One parent at a kiosk. Made by the first entry that names it, whichever that is."""

    id = models.UUIDField(primary_key=True, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="visits")
    language = models.CharField(max_length=8, blank=True)
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=20, blank=True)
    situation = models.CharField(max_length=40, blank=True)


class Request(models.Model):
    """What a parent asked for and confirmed: one ticket, one or more children. Personal data.

    A parent without a residence card is not named: `surname` and the rest are empty, and the desk checks who it is.
    `parent_digest` stands for the national number (`backend.requests.parents`).
    """

    ticket_id = models.UUIDField(primary_key=True, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="requests")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="requests")
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="requests")
    ticket_code = models.CharField(max_length=20, db_index=True)
    made_at = models.DateTimeField()
    language = models.CharField(max_length=8)
    service = models.CharField(max_length=40)
    national_number = models.CharField(max_length=20, blank=True)
    surname = models.CharField(max_length=200, blank=True)
    first_names = models.CharField(max_length=200, blank=True)
    card_number = models.CharField(max_length=40, blank=True)
    card_type = models.CharField(max_length=8, blank=True)
    total_cents = models.PositiveIntegerField()
    profile_version = models.CharField(max_length=40)
    parent_digest = models.CharField(max_length=43, blank=True, db_index=True)
    qr = models.TextField(blank=True)
    contents = models.JSONField(default=dict, blank=True)  # what else the ticket says (`kiosk.domain.tickets.contents`)
    issued_at = models.DateTimeField(null=True)
    print_started_at = models.DateTimeField(null=True)
    print_problem = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when the parent chose to pay at the desk
    state = models.CharField(max_length=14, choices=_STATES, default=RequestState.REQUESTED.value)
    search_name = models.CharField(max_length=420, blank=True, db_index=True)  # `searching.fold` of the names
    search_number = models.CharField(max_length=20, blank=True, db_index=True)  # the digits of the national number
    erased_at = models.DateTimeField(null=True)  # personal data were taken out

    municipality_path: ClassVar[str] = "municipality"

    class Meta:
        """As the desk looks for them."""

        indexes: ClassVar = [
            models.Index(fields=["municipality", "-made_at"], name="request_newest"),
            models.Index(fields=["municipality", "state", "-made_at"], name="request_of_state"),
            models.Index(Upper("card_number"), name="request_of_card"),  # as `iexact` compares
        ]


class RequestedChild(models.Model):
    """One child of a request, in the order of the ticket."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="children")
    position = models.PositiveSmallIntegerField()
    first_name = models.CharField(max_length=200)
    birth_date = models.DateField()
    card_type = models.CharField(max_length=8, blank=True)
    procedure = models.CharField(max_length=40, blank=True)
    fee_cents = models.PositiveIntegerField()
    ready_at = models.DateTimeField(null=True)
    ready_exact = models.BooleanField(default=False)
    birth_known = models.CharField(max_length=5, default="day")
    circumstances = models.JSONField(default=dict)  # what the parent answered besides

    class Meta:
        """In the order of the ticket."""

        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "position"], name="child_once_per_place")]


class PaymentState(models.TextChoices):
    """How far a payment is, and its three outcomes."""

    INTENDED = "intended"
    SENT = "sent"
    APPROVED = "approved"
    PAID = "paid"
    NOT_PAID = "not-paid"
    UNKNOWN = "unknown"
    REVERSING = "reversing"
    REVERSED = "reversed"


class Payment(models.Model):
    """One attempt to pay at the terminal."""

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="payments")
    cents = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=PaymentState.choices)
    reason = models.TextField(blank=True)
    result_code = models.IntegerField(null=True)
    receipt = models.JSONField(default=dict)
    reversal_receipt = models.JSONField(default=dict)
    found_afterwards = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    municipality_path: ClassVar[str] = "request__municipality"


class OpenCase(models.Model):
    """A payment, a print or a day whose outcome people have to decide. `request` is None for a day.

    It is decided at the kiosk or here: `backend.requests.cases`. `kiosk_closed_at` is when the kiosk had it in its
    record; until then the kiosk is told with every heartbeat.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="cases")
    request = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="cases")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="cases")
    about = models.CharField(max_length=10)
    reason = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, blank=True)  # an `entries.CaseOutcome`
    decided_by = models.CharField(max_length=150, blank=True)
    kiosk_closed_at = models.DateTimeField(null=True)

    municipality_path: ClassVar[str] = "kiosk__municipality"

    class Meta:
        """What a kiosk is still to be told is asked for with every heartbeat."""

        indexes: ClassVar = [
            models.Index(
                fields=["kiosk", "closed_at"],
                condition=models.Q(closed_at__isnull=False, kiosk_closed_at__isnull=True),
                name="case_to_be_told",
            )
        ]


class TerminalDay(models.Model):
    """One end of day of a kiosk's terminal: what the journal had, and what the terminal said.

    The terminal's numbers are None where it did not tell them, or did not close; `problem` says why.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="terminal_days")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    journal_cents = models.IntegerField()
    journal_count = models.IntegerField()
    terminal_cents = models.IntegerField(null=True)
    terminal_count = models.IntegerField(null=True)
    text = models.TextField(blank=True)
    problem = models.TextField(blank=True)

    municipality_path: ClassVar[str] = "kiosk__municipality"


class LookUpKey(models.Model):
    """The key with which a municipality's digests of national numbers are made."""

    municipality = models.OneToOneField(Municipality, primary_key=True, on_delete=models.CASCADE)
    key = models.BinaryField()


class ParentLookUp(models.Model):
    """A kiosk looked up a parent who came back: when, and how many requests it was told. Not who it was."""

    kiosk = models.ForeignKey(Kiosk, on_delete=models.CASCADE, related_name="look_ups")
    at = models.DateTimeField()
    found = models.PositiveSmallIntegerField()

    class Meta:
        """What is counted is the last hour of one kiosk."""

        indexes: ClassVar = [models.Index(fields=["kiosk", "at"], name="look_up_of_kiosk")]


class StateChange(models.Model):
    """A request was moved to another state by somebody. Undone within minutes, the row stays and says so.

    `done` are the codes of the steps that were ticked, `missing` those that were not. `by` is None for a kiosk; `who`
    stays when the account goes.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=14, choices=_STATES)
    state = models.CharField(max_length=14, choices=_STATES)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=150)
    done = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    municipality_path: ClassVar[str] = "request__municipality"

    class Meta:
        """In order."""

        ordering: ClassVar = ["at", "id"]


class DeskPayment(models.Model):
    """Money taken, or given back (`cents` below 0), by staff at a desk: no terminal of a kiosk knows of it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="desk_payments")
    cents = models.IntegerField()
    means = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=150)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    municipality_path: ClassVar[str] = "request__municipality"

    class Meta:
        """In order."""

        ordering: ClassVar = ["at", "id"]
