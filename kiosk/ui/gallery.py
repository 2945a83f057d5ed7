"""Every situation as a picture, to look at: `python -m kiosk.ui.gallery --out DIR`.

The example views are what the tests of the screens use too.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from kiosk.domain import wire
from kiosk.domain.appointments import Slot
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Nationality, Papers, Question, Role
from kiosk.domain.follow_up import FoundChild, FoundRequest, FoundTime
from kiosk.domain.quote import (
    BirthKnown,
    CardTypeOffer,
    ChecklistItem,
    Child,
    Collection,
    Grounds,
    Limit,
    Longest,
    Notice,
    PaymentAnswer,
    Place,
    ProcedureOffer,
    Ready,
    Reason,
    Service,
)
from kiosk.domain.record.entries import Receipt
from kiosk.domain.request_states import RequestState
from kiosk.profiles import DEMO_PROFILE
from kiosk.text import LANGUAGES
from kiosk.visit import view as v
from kiosk.visit.asking import BEHIND, possible_answers
from kiosk.visit.events import Action, CardProblem, Fault, LookUpProblem, TerminalMessage
from kiosk.visit.view import Overlay, Situation, Step, View

NOW = datetime(2026, 11, 20, 13, 32, tzinfo=UTC)
PHONE = "053 12 34 56"
YUSUF, LINA = Child("Yusuf", date(2022, 3, 17)), Child("Lina", date(2019, 9, 2))
LONG = Child("Maximiliaan-Alexander Emmanuel", date(2021, 2, 28))
CODE = "K7M-3QX-Q"
_LONGEST_NOTICE = (
    wire.Notice(
        texts={
            language: "Op maandag 30 november is dit gemeentehuis gesloten. Aanvragen kan "
            "opnieuw vanaf dinsdag om 8.30 uur aan het loket."
            for language in LANGUAGES
        },
        first=NOW,
        until=NOW + timedelta(days=1),
    ),
)
_READY = Ready(datetime(2026, 12, 16, 8, 0, tzinfo=UTC), exact=False)
_SOON = Ready(datetime(2026, 11, 24, 13, 0, tzinfo=UTC), exact=True)
_TIMES = ((8, 0), (8, 30), (9, 30), (12, 30), (14, 0), (14, 30))


def _slots(days: int) -> tuple[Slot, ...]:
    first = datetime(2026, 11, 24, tzinfo=UTC)
    working = [first + timedelta(days=n) for n in range(days * 2) if (first + timedelta(days=n)).weekday() < 5][:days]
    return tuple(
        Slot(day.replace(hour=hour, minute=minute), f"s{day:%d%m}{hour:02}{minute:02}", 30, "Burgerzaken, loket 3")
        for day in working
        for hour, minute in _TIMES
    )


SLOTS = _slots(5)
_LINES = (
    v.ChildLine(YUSUF, 4, CardType.A, "normal", 1200, _READY),
    v.ChildLine(LINA, 7, CardType.A, "normal", 1200, _READY),
)
_LONG_LINES = (
    v.ChildLine(LONG, 5, CardType.EU_PLUS, "urgent", 12050, _SOON),
    v.ChildLine(YUSUF, 4, CardType.A, "normal", 1200, _READY),
    v.ChildLine(LINA, 7, CardType.F_PLUS, "super-urgent", 14990, _SOON),
    v.ChildLine(Child("Noor", date(2025, 11, 1)), 1, CardType.A, "normal", 1200, _READY),
)
_OFFERS = tuple(
    CardTypeOffer(kind, fee)
    for kind, fee in (
        (CardType.A, 1200),
        (CardType.B, 1200),
        (CardType.F, 900),
        (CardType.K, 1200),
        (CardType.L, 1200),
        (CardType.M, 1200),
        (CardType.EU, 900),
        (CardType.EU_PLUS, 900),
        (CardType.F_PLUS, 900),
        (CardType.H, None),
    )
)
_QUICK = Place({"nl": "Snelbalie", "fr": "Guichet rapide"}, "Administratief centrum, Marktplein 1")
_CENTRAL = Place({"nl": "Centrale aflevering", "fr": "Délivrance centrale"}, "Kruidtuinlaan 1, 1000 Brussel")
_PROCEDURES = (
    ProcedureOffer("normal", 1200, _READY, True),
    ProcedureOffer("urgent", 12000, _SOON, True, "15:00"),
    ProcedureOffer("super-urgent", 14990, _SOON, False, "15:00"),
)
_AT_MOST = Ready(datetime(2026, 12, 16, 8, 0, tzinfo=UTC), exact=False, at_most=True)
_OWN_PROCEDURES = (
    ProcedureOffer("normal", 1070, _AT_MOST, True, at_most=True),
    ProcedureOffer(
        "by-courier",
        25510,
        _SOON,
        True,
        "10:00",
        collect_at=_CENTRAL,
        name={"nl": "Dezelfde dag, in Brussel", "fr": "Le jour même, à Bruxelles"},
    ),
)
_CHECKLIST = (
    ChecklistItem("child", (0, 1)),
    ChecklistItem("passport-or-id", (0, 1)),
    ChecklistItem("photo-white", (0, 1)),
    ChecklistItem("old-card", (1,), optional=True),
)
_LONG_CHECKLIST = (
    *_CHECKLIST,
    ChecklistItem("parent-card"),
    ChecklistItem("custody-judgment", (), optional=True),
    ChecklistItem("police-report", (0,)),
    ChecklistItem("codes-letter", (0, 1)),
)
_CODES = ("codes-by-post", "puk-and-pin", "turning-12", "sign-base-document", "recommended")
_KNOW = tuple(Notice(code) for code in (*_CODES, "card-after-12", "paper-stays-valid", "lapses-on-move"))
_COLLECTION = Collection(
    appointment=False,
    child_present=False,
    desk="Snelbalie",
    place=_QUICK,
    elsewhere=((0, _CENTRAL),),
    checklist=(ChecklistItem("codes-letter", (0, 1)), ChecklistItem("old-card", (1,), optional=True)),
    notices=(Notice("old-card-handed-in"), Notice("puk-and-pin")),
)
_GROUNDS = Grounds("validity.max_years", "page")
_VALID = Longest(date(2029, 11, 24), Limit.MAX_YEARS, (Limit.STAY,), _GROUNDS)
_PERMIT = Longest(date(2028, 1, 1), Limit.PERMIT, (Limit.STAY,), _GROUNDS)
_PAYMENT = PaymentAnswer(("kiosk", "desk"), ("bancontact", "cash"), _GROUNDS)
_NOTICES = (Notice("fingerprints", (1,)), Notice("not-for-travel-alone"))
_NO: dict[Question, str | bool] = {
    Question.NATIONALITY: Nationality.BELGIAN,
    Question.PAPERS: Papers.IMMATRICULATION,
    Question.REGISTERED: False,
    Question.ROLE: Role.INSTITUTION,
}
_CONTINUES = frozenset(
    {
        Situation.CARD_TYPE,
        Situation.PROCEDURE,
        Situation.CHILDREN,
        Situation.BRING,
        Situation.APPOINTMENT,
        Situation.NO_SLOTS,
        Situation.REVIEW,
        Situation.NOT_PAID,
        Situation.TAKE,
        Situation.GOODBYE,
        Situation.CHILD_REFUSED,
    }
)
_STEP = {
    Situation.INSERT_CARD: Step.CARD,
    Situation.READING: Step.CARD,
    Situation.CARD_REFUSED: Step.CARD,
    Situation.SERVICE: Step.CHILDREN,
    Situation.CHILD_NAME: Step.CHILDREN,
    Situation.BIRTH_DATE: Step.CHILDREN,
    Situation.QUESTION: Step.CHILDREN,
    Situation.CHILD_REFUSED: Step.CHILDREN,
    Situation.CARD_TYPE: Step.CHILDREN,
    Situation.PROCEDURE: Step.CHILDREN,
    Situation.CHILDREN: Step.CHILDREN,
    Situation.BRING: Step.BRING,
    Situation.APPOINTMENT: Step.APPOINTMENT,
    Situation.NO_SLOTS: Step.APPOINTMENT,
    Situation.REVIEW: Step.PAY,
    Situation.PAY: Step.PAY,
    Situation.NOT_PAID: Step.PAY,
    Situation.OUTCOME_UNKNOWN: Step.PAY,
    Situation.PRINTING: Step.TICKET,
    Situation.PRINT_TROUBLE: Step.TICKET,
    Situation.MONEY_BACK: Step.PAY,
    Situation.TAKE: Step.TICKET,
}
_HANDS = frozenset(
    {
        Situation.READING,
        Situation.PAY,
        Situation.OUTCOME_UNKNOWN,
        Situation.PRINTING,
        Situation.PRINT_TROUBLE,
        Situation.MONEY_BACK,
        Situation.TAKE,
        Situation.GOODBYE,
        Situation.WELCOME,
        Situation.OUT_OF_SERVICE,
    }
)


# What a screen shows only after a touch of its own, by the name of the view: parts to touch one after the other.
TOUCHES: dict[str, tuple[str, ...]] = {"bring-long": ("tab:know", "tab:collect")}


def _question(question: Question, names: tuple[str, ...], selected: object = ...) -> v.QuestionView:
    answers = possible_answers(question, Service.APPLICATION)
    answered = selected is not ...
    return v.QuestionView(question, names, answers, selected if answered else None, answered)  # type: ignore[arg-type]


def _refused(reason: Reason) -> v.ChildRefusedView:
    question = BEHIND.get(reason)
    return v.ChildRefusedView(
        reason,
        YUSUF,
        4,
        question=question,
        answer=_NO[question] if question is not None else None,
        desk="Burgerzaken",
        address="Administratief centrum, Marktplein 1",
    )


def example(situation: Situation, content: v.Content | None = None, language: str = "nl", **changes: object) -> View:
    """A view of this situation in the middle of Amina's visit."""
    base = View(
        situation=situation,
        content=content,
        language=language,
        step=_STEP.get(situation),
        can_continue=situation in _CONTINUES,
        can_back=situation not in _HANDS and situation not in (Situation.CARD_REFUSED, Situation.SERVICE),
        can_stop=situation not in _HANDS,
        greeting_name="Amina" if situation in _STEP and situation is not Situation.INSERT_CARD else None,
        municipality=DEMO_PROFILE.title(),
        languages=("nl", "fr", "de", "en"),
        phone=PHONE,
        now=NOW,
    )
    return replace(base, **changes)


def _found(state: RequestState, code: str = CODE, children: int = 2, **changes: Any) -> FoundRequest:
    """An earlier request."""
    each = tuple(
        FoundChild(first_name=name, card_type="A", procedure="normal", fee_cents=1200)
        for name in ("Yusuf", "Lina", LONG.first_name, "Noor")[:children]
    )
    slot = SLOTS[8]
    time = FoundTime(start=slot.start, minutes=30, desk=slot.desk, open=True)
    receipt = Receipt(cents=1200 * children, receipt_number=214)
    request = FoundRequest(
        ticket_id=UUID(int=children),
        ticket_code=code,
        made_at=NOW,
        service=Service.APPLICATION.value,
        state=state,
        children=each,
        total_cents=1200 * children,
        paid=receipt,
        appointment=time,
    )
    return request.model_copy(update=changes)


def _returning(one: Callable[..., tuple[str, View]]) -> Iterator[tuple[str, View]]:
    """A parent who comes back."""
    s, a = Situation, Action
    asked, ready = _found(RequestState.REQUESTED), _found(RequestState.READY, "4CD-FGH-3", 1, appointment=None)
    many = _found(RequestState.CODES_SENT, "9KM-PQR-7", 4, appointment=None)
    here = asked.model_copy(update={"here": True})
    for name, content in {
        "": v.MyRequestsView(False, None, (ready, asked, many)),
        "-looking": v.MyRequestsView(True, None, ()),
        "-none": v.MyRequestsView(False, None, ()),
        "-offline": v.MyRequestsView(False, LookUpProblem.NO_LINE, (here,)),
        "-offline-none": v.MyRequestsView(False, LookUpProblem.NO_LINE, ()),
        "-too-many": v.MyRequestsView(False, LookUpProblem.TOO_MANY, ()),
    }.items():
        yield one(f"my_requests{name}", s.MY_REQUESTS, content, can_continue=True)
    change = (a.PRINT, a.MOVE, a.CANCEL)
    days = (_READY, _READY)
    collected = asked.appointment.model_copy(update={"collection": True}) if asked.appointment else None
    to_collect = ready.model_copy(update={"appointment": collected})
    doubt = asked.model_copy(update={"in_doubt": True, "paid": None})
    gone = asked.model_copy(update={"appointment": None})
    for name, shown in {
        "": v.MyRequestView(asked, change, days, _COLLECTION, False, True, PHONE),
        "-ready": v.MyRequestView(ready, (a.COLLECT, a.PRINT), days[:1], _COLLECTION, False, True, PHONE),
        "-to-collect": v.MyRequestView(to_collect, change, days[:1], _COLLECTION, False, True, PHONE),
        "-cancelled": v.MyRequestView(gone, (a.PRINT, a.BOOK), days, _COLLECTION, True, True, PHONE),
        "-doubt": v.MyRequestView(doubt, (), days, _COLLECTION, False, True, PHONE),
        "-no-printer": v.MyRequestView(many, (a.MOVE, a.CANCEL), (_READY,) * 4, _COLLECTION, False, False, PHONE),
    }.items():
        yield one(f"my_request{name}", s.MY_REQUEST, shown)
    time = v.OtherTimeView(SLOTS, SLOTS[3].id, 45, 2, False, asked.appointment, PHONE, printing=True)
    yield one("other_time", s.OTHER_TIME, time, can_continue=True)
    yield one("other_time-collect", s.OTHER_TIME, replace(time, selected=None, collection=True, before=None))
    yield one("other_time-none", s.OTHER_TIME, replace(time, slots=(), selected=None))
    yield one("other_time-no-printer", s.OTHER_TIME, replace(time, printing=False))
    yield one("cancel_time", s.CANCEL_TIME, v.CancelTimeView(asked.appointment), can_continue=True)


def views(language: str = "nl") -> Iterator[tuple[str, View]]:
    """A name and a view for every situation and overlay, with its hard cases."""
    s = Situation

    def one(name: str, situation: Situation, content: v.Content | None = None, **changes: object) -> tuple[str, View]:
        return name, example(situation, content, language, **changes)

    out = v.OutOfServiceView(frozenset({Fault.PRINTER, Fault.PAPER_OUT}))
    yield one("out_of_service", s.OUT_OF_SERVICE, out)
    yield one("out_of_service-notice", s.OUT_OF_SERVICE, out, notices=_LONGEST_NOTICE)
    yield one("welcome", s.WELCOME)
    yield one("welcome-notice", s.WELCOME, notices=_LONGEST_NOTICE)
    yield one("insert_card", s.INSERT_CARD, v.InsertCardView(False))
    yield one("insert_card-or-without", s.INSERT_CARD, v.InsertCardView(True))
    yield one("reading", s.READING, v.ReadingView(3, 7))
    yield one("reading-unknown", s.READING, v.ReadingView(1, 7), greeting_name=None)
    for problem in CardProblem:
        expired = date(2026, 10, 31) if problem is CardProblem.EXPIRED else None
        taken = problem in (CardProblem.PULLED, CardProblem.READER_GONE)
        without = problem in (CardProblem.NOT_EID, CardProblem.FOREIGN_CARD, CardProblem.EXPIRED)
        content = v.CardRefusedView(problem, expired, card_in=not taken, without_card=without)
        yield one(f"card_refused-{problem.value}", s.CARD_REFUSED, content, can_continue=taken)
    yield one("service", s.SERVICE, v.ServiceView(tuple(Service)))
    closed = frozenset({Service.APPLICATION})
    yield one("service-closed", s.SERVICE, v.ServiceView((Service.APPLICATION, Service.COLLECTION), closed))
    yield one(
        "service-or-earlier", s.SERVICE, v.ServiceView((Service.APPLICATION, Service.COLLECTION), my_requests=True)
    )
    yield from _returning(one)
    yield one("child_name", s.CHILD_NAME, v.ChildNameView(1, ""))
    yield one("child_name-given", s.CHILD_NAME, v.ChildNameView(2, "Zoé"))
    years = tuple(range(2026, 2007, -1))
    yield one("birth_date", s.BIRTH_DATE, v.BirthDateView("Yusuf", None, years, NOW.date()))
    yield one("birth_date-given", s.BIRTH_DATE, v.BirthDateView("Yusuf", YUSUF.birth_date, years, NOW.date()))
    year = v.BirthDateView("Yusuf", YUSUF.birth_date, years, NOW.date(), BirthKnown.YEAR)
    yield one("birth_date-year", s.BIRTH_DATE, year)
    month = v.BirthDateView("Yusuf", YUSUF.birth_date, years, NOW.date(), BirthKnown.MONTH)
    yield one("birth_date-month", s.BIRTH_DATE, month)
    for question in Question:
        content = _question(question, (YUSUF.first_name,))
        yield one(f"question-{question.value}", s.QUESTION, content, can_continue=False)
    names = (LONG.first_name, YUSUF.first_name, LINA.first_name)
    answered = _question(Question.CUSTODY, names, selected=False)
    yield one("question-answered", s.QUESTION, answered, can_continue=True)
    many = _question(Question.SEPARATED, (*names, "Noor"))
    yield one("question-many", s.QUESTION, many, can_continue=False)
    for reason in Reason:
        yield one(f"child_refused-{reason.value}", s.CHILD_REFUSED, _refused(reason))
    older = replace(_refused(Reason.TOO_OLD), others=True, instead=Service.CARD_FROM_12)
    yield one("child_refused-instead", s.CHILD_REFUSED, older)
    content = v.CardTypeView(YUSUF, 4, CardType.A, _OFFERS, 3, CardType.A)
    yield one("card_type", s.CARD_TYPE, content)
    yield one("card_type-all", s.CARD_TYPE, v.CardTypeView(LONG, 5, CardType.A, _OFFERS, 3, CardType.EU_PLUS))
    late = v.ProcedureView(YUSUF, CardType.A, _PROCEDURES, None, too_late_for="super-urgent")
    yield one("procedure-too-late", s.PROCEDURE, late, can_continue=False)
    yield one("procedure", s.PROCEDURE, v.ProcedureView(YUSUF, CardType.A, _PROCEDURES, "normal", day_is_fixed=False))
    yield one("procedure-own", s.PROCEDURE, v.ProcedureView(YUSUF, CardType.A, _OWN_PROCEDURES, "normal"))
    yield one("children", s.CHILDREN, v.ChildrenView(_LINES, 2400, True))
    yield one("children-long", s.CHILDREN, v.ChildrenView(_LONG_LINES, 29440, False))
    yield one("bring", s.BRING, v.BringView((YUSUF, LINA), _CHECKLIST, _NOTICES))
    first = (Notice("report-first"), Notice("annex-12-from-police"), *_NOTICES, *_KNOW)
    printed = (Notice("printed-exempt", (0, 1)),)
    long = v.BringView((LONG, LINA), _LONG_CHECKLIST, first, printed, (False, True), _COLLECTION, appointment=False)
    yield one("bring-long", s.BRING, long)
    desk = "Burgerzaken, loket 3"
    yield one("appointment", s.APPOINTMENT, v.AppointmentView(SLOTS, SLOTS[8].id, desk, 30, 2))
    yield one("appointment-many", s.APPOINTMENT, v.AppointmentView(_slots(12), None, desk, 15, 1), can_continue=False)
    yield one("no_slots", s.NO_SLOTS, v.NoSlotsView(PHONE))
    yield one("no_slots-no-phone", s.NO_SLOTS, v.NoSlotsView(""), phone="")
    nothing: frozenset[Fault] = frozenset()
    review = v.ReviewView(Service.APPLICATION, _LINES, 2400, SLOTS[8], False, True, nothing, (_VALID, _VALID), _PAYMENT)
    yield one("review", s.REVIEW, review)
    closed_till = frozenset({Fault.OPEN_CASE})
    valid = (_VALID, _PERMIT, _VALID, None)
    long = v.ReviewView(Service.APPLICATION, _LONG_LINES, 29440, None, True, False, closed_till, valid, _PAYMENT)
    yield one("review-long", s.REVIEW, long, can_continue=False)
    yield one("review-or-desk", s.REVIEW, replace(review, at_desk=True))
    at_desk = PaymentAnswer(("desk",), ("cash", "bancontact"), _GROUNDS)
    yield one("review-desk", s.REVIEW, replace(review, payment=at_desk, here=False, at_desk=True))
    yield one("review-no-terminal", s.REVIEW, replace(review, here=False, at_desk=True))
    for message in TerminalMessage:
        yield one(f"pay-{message.value}", s.PAY, v.PayView(2400, message, message is TerminalMessage.PRESENT_CARD))
    for why in ("declined", "aborted", "refused", "unreachable", "looked-up"):
        yield one(f"not_paid-{why}", s.NOT_PAID, v.NotPaidView(2400, why, why != "unreachable"))
    declined = v.NotPaidView(2400, "declined", True, at_desk=True, payment=_PAYMENT)
    yield one("not_paid-or-desk", s.NOT_PAID, declined)
    yield one("outcome_unknown-looking", s.OUTCOME_UNKNOWN, v.OutcomeUnknownView(2400, CODE, True, False, PHONE))
    yield one(
        "outcome_unknown", s.OUTCOME_UNKNOWN, v.OutcomeUnknownView(2400, CODE, False, True, PHONE), can_continue=True
    )
    yield one("printing", s.PRINTING, v.PrintingView(2400, CODE))
    yield one("print_trouble", s.PRINT_TROUBLE, v.PrintTroubleView(2400, CODE, "paper-out", True, PHONE))
    yield one(
        "print_trouble-final",
        s.PRINT_TROUBLE,
        v.PrintTroubleView(0, CODE, "disconnected", False, PHONE),
        can_continue=True,
    )
    kept = v.PrintTroubleView(2400, CODE, "paper-out", False, PHONE, money_back=True)
    yield one("print_trouble-paid", s.PRINT_TROUBLE, kept, can_continue=True)
    for state in v.MoneyBack:
        back = v.MoneyBackView(2400, CODE, state, state is v.MoneyBack.GIVEN, PHONE)
        yield one(f"money_back-{state.value}", s.MONEY_BACK, back, can_continue=state is not v.MoneyBack.ASKING)
    yield one("take", s.TAKE, v.TakeView(2400, CODE, True, SLOTS[8]))
    yield one("take-due", s.TAKE, v.TakeView(0, CODE, True, SLOTS[8], due_cents=2400))
    yield one("take-again", s.TAKE, v.TakeView(0, CODE, True, SLOTS[8], again=True))
    yield one("take-card-out", s.TAKE, v.TakeView(0, CODE, False, None))
    yield one("goodbye", s.GOODBYE, v.GoodbyeView(True))
    yield one("goodbye-card-out", s.GOODBYE, v.GoodbyeView(False))
    for overlay in Overlay:
        deadline = NOW + timedelta(seconds=20)
        yield one(f"overlay-{overlay.value}", s.REVIEW, review, overlay=overlay, overlay_deadline=deadline)


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.ui.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--language", default="nl")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--contrast", action="store_true")
    parser.add_argument("--landscape", action="store_true")
    parser.add_argument("--only", default="", help="names that begin with this")
    arguments = parser.parse_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    from kiosk.text import texts
    from kiosk.ui.staff import gallery as staff
    from kiosk.ui.stage import Stage

    size = (1920, 1080) if arguments.landscape else (1080, 1920)
    arguments.out.mkdir(parents=True, exist_ok=True)
    stage = Stage(size, texts, clock=lambda: NOW)
    for name, view in (*views(arguments.language), *staff.views(arguments.language)):
        if name.startswith(arguments.only):
            stage.show(replace(view, large=arguments.large, contrast=arguments.contrast))
            stage.view.screenshot(arguments.out / f"{name}.png")
            for target in (TOUCHES | staff.TOUCHES).get(name, ()):
                if target not in stage.view.targets():
                    continue  # on another page of the list, in this size
                stage.tap(target)
                stage.draw()
                stage.view.screenshot(arguments.out / f"{name}-{target.replace(':', '-')}.png")


if __name__ == "__main__":
    main()
