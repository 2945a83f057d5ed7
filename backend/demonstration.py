"""Invented requests to look at: every state, every kind of payment, days that add up and one that does not.

They come in as a kiosk's journal does, entry by entry, so that what the pages show is what a kiosk would have made.
Names, numbers and receipts are invented. A kiosk of the demonstration signs nothing, and no call of its is accepted:
its key is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.accounts.models import Staff
from backend.appointments import leases
from backend.appointments.models import Slot
from backend.fleet.models import Kiosk, Municipality
from backend.requests import ingestion, progress
from backend.requests.models import Request
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.record import entries
from kiosk.domain.record.entries import Entry, EntryBody
from kiosk.domain.request_states import RequestState
from kiosk.domain.tickets import claims as tickets
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import encode_public_key

_S = RequestState
_NAME = "Demonstratie"
_FAMILIES = (
    ("El Amrani", "Amina Zohra", "A", (("Yusuf", 2019), ("Lina", 2022))),
    ("Yıldız", "Elif", "B", (("Deniz", 2018),)),
    ("Kowalska", "Zofia Maria", "EU", (("Antoni", 2021), ("Hanna", 2023), ("Jan", 2025))),
    ("Hernández Ruiz", "Carmen", "EU+", (("Lucía", 2017),)),
    ("Okafor", "Chidi Emeka", "A", (("Ada", 2020), ("Obi", 2024))),
    ("Şahin", "Mehmet", "F", (("Zeynep", 2019),)),
    ("Popescu", "Andreea", "EU", (("Matei", 2022),)),
    ("Tshibangu", "Grâce", "B", (("Espoir", 2016), ("Divine", 2018))),
    ("Haddad", "Samir", "F+", (("Nour", 2021),)),
    ("Kovalenko", "Olena", "A", (("Danylo", 2020),)),
    ("Nguyen", "Thi Mai", "K", (("An", 2023),)),
    ("Benali", "Rachid", "L", (("Ilyas", 2018), ("Sofia", 2021))),
)
# What became of each family's request, the newest first; None: its payment is in doubt.
_FATES: tuple[tuple[RequestState, ...] | None, ...] = (
    (),
    (_S.ARRIVED,),
    None,
    (_S.SUBMITTED,),
    (_S.SUBMITTED, _S.IN_PRODUCTION),
    (_S.SUBMITTED, _S.IN_PRODUCTION, _S.CODES_SENT),
    (_S.SUBMITTED, _S.IN_PRODUCTION, _S.CODES_SENT, _S.READY),
    (_S.SUBMITTED, _S.READY),
    (_S.SUBMITTED, _S.IN_PRODUCTION, _S.CODES_SENT, _S.READY, _S.COLLECTED),
    (_S.CANCELLED,),
    (_S.CANCELLED, _S.REFUNDED),
    (),
)
_DUE = 11  # this family chose to pay at the desk


@dataclass
class _Journal:
    """A kiosk's journal, written and sent at once."""

    kiosk: Kiosk
    sequence: int = 0

    def write(self, at: datetime, visit: UUID | None, *bodies: EntryBody) -> None:
        sent = []
        for offset, body in enumerate(bodies):
            self.sequence += 1
            moment = at + timedelta(seconds=7 * offset)
            entry = Entry(id=uuid4(), sequence=self.sequence, visit_id=visit, at=moment, body=body)
            sent.append(entry.model_dump(mode="json"))
        ingestion.ingest(self.kiosk.pk, uuid4(), sent, at + timedelta(minutes=1))


def fill(municipality: Municipality, profile: Profile, now: datetime) -> None:
    """Make the examples, once. Needs an account that moves requests on: any of the municipality's."""
    if Kiosk.objects.filter(municipality=municipality, name=_NAME).exists():
        return
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    kiosk = Kiosk.objects.create(
        municipality=municipality,
        name=_NAME,
        public_key=encode_public_key(raw),
        key_id=key_id_of(raw),
        enrolled_at=now - timedelta(days=60),
        last_seen=now,
    )
    staff = Staff.objects.filter(municipality=municipality).order_by("pk").first()
    journal, random = _Journal(kiosk), Random(7)
    held = list(leases.lease(kiosk, leases.Wish(wanted=14, earliest=now, days=10), now=now).slots)
    for index, family in reversed(list(enumerate(_FAMILIES))):
        made = (now - timedelta(days=index * 2 + 1)).replace(hour=8 + index % 6, minute=(37 * index) % 60)
        ticket = _visit(journal, profile, index, family, made, random, held)
        if staff is not None:
            _go_on(ticket, _FATES[index] or (), staff, made)
        if index % 4 == 3:
            _end_of_day(journal, made, short=index == 7)
    Kiosk.objects.filter(pk=kiosk.pk).update(last_seen=now)


def _visit(
    journal: _Journal,
    profile: Profile,
    index: int,
    family: tuple[str, str, str, tuple[tuple[str, int], ...]],
    made: datetime,
    random: Random,
    held: list[Slot],
) -> UUID:
    surname, first_names, card_type, children = family
    ticket, visit, payment = uuid4(), uuid4(), uuid4()
    code, fee = tickets.new_code(random), 900 if card_type in ("M", "EU", "EU+", "F", "F+") else 1200
    cents = fee * len(children)
    born = date(1980 + index, 1 + index % 12, 3 + index)
    asked = entries.RequestMade(
        ticket_id=ticket,
        ticket_code=code,
        language=("nl", "fr", "en")[index % 3],
        service="application",
        parent=entries.Parent(
            national_number=_number(born, random),
            surname=surname,
            first_names=first_names,
            card_number=f"B{random.randrange(10**8):08d}",
            card_type=card_type,
        ),
        children=tuple(
            entries.RequestedChild(
                first_name=name,
                birth_date=date(year, 1 + random.randrange(12), 1 + random.randrange(28)),
                card_type=card_type,
                procedure="normal",
                fee_cents=fee,
                ready_at=made + timedelta(weeks=3),
            )
            for name, year in children
        ),
        total_cents=cents,
        municipality=profile.id,
        profile_version=profile.version,
    )
    bodies: list[EntryBody] = [entries.VisitStarted(language=asked.language), asked]
    if index < 3 and held:
        slot = held.pop(0)
        bodies.append(
            entries.SlotBooked(
                slot_id=str(slot.pk), start=slot.start, minutes=slot.minutes, desk=slot.desk.name, ticket_id=ticket
            )
        )
    bodies += _payment(index, ticket, payment, cents, made)
    bodies += [
        entries.TicketIssued(ticket_id=ticket, ticket_code=code, qr=""),
        entries.PrintStarted(ticket_id=ticket, document="ticket", copy_mark=False),
        entries.TicketDelivered(ticket_id=ticket),
        entries.VisitClosed(reason="completed", situation="take"),
    ]
    journal.write(made, visit, *bodies)
    return ticket


def _payment(index: int, ticket: UUID, payment: UUID, cents: int, at: datetime) -> Iterator[EntryBody]:
    if index == _DUE:
        yield entries.PaymentDue(ticket_id=ticket, cents=cents)
        return
    yield entries.PaymentIntent(payment_id=payment, ticket_id=ticket, cents=cents, terminal_id="52500041")
    yield entries.PaymentSent(payment_id=payment)
    if _FATES[index] is None:
        yield entries.PaymentUnknown(payment_id=payment, reason="the terminal did not answer for 90 s")
        yield entries.CaseOpened(
            case_id=uuid4(), about="payment", ticket_id=ticket, payment_id=payment, reason="no answer to the look-up"
        )
        return
    receipt = entries.Receipt(
        cents=cents,
        receipt_number=214 - index,
        trace_number=1093 - index,
        terminal_id="52500041",
        masked_pan="**** **** **** 4821",
        card_name="Bancontact" if index % 3 else "Maestro",
        at=at,
    )
    yield entries.PaymentApproved(payment_id=payment, receipt=receipt)
    yield entries.PaymentPaid(payment_id=payment, receipt=receipt)


def _go_on(ticket: UUID, fate: tuple[RequestState, ...], staff: Staff, made: datetime) -> None:
    for step, state in enumerate(fate, 1):
        request = Request.objects.get(pk=ticket)
        progress.move(request, state, by=staff, now=made + timedelta(hours=step / 2), done=["papers"])


def _end_of_day(journal: _Journal, at: datetime, *, short: bool) -> None:
    day, evening = uuid4(), at.replace(hour=15, minute=5)
    bodies: list[EntryBody] = [
        entries.DayClosing(day_id=day, cents=4500, count=3),
        entries.DayClosed(day_id=day, cents=3300 if short else 4500, count=2 if short else 3, text=("DAGAFSLUITING",)),
    ]
    if short:
        bodies.append(entries.CaseOpened(case_id=uuid4(), about="day", reason="record € 45,00, terminal € 33,00"))
    journal.write(evening, None, *bodies)


def _number(born: date, random: Random) -> str:
    """A national number with its check digits, of nobody: the register gives no number above 900 this way."""
    first = f"{born:%y%m%d}{random.randrange(900, 998):03d}"
    return f"{first}{97 - int(first) % 97:02d}"
