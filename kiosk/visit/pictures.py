"""Draws the view of a visit: one small function a situation, no decisions of its own."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain import rules
from kiosk.domain.opening import opens_next
from kiosk.domain.tickets.contents import Contents, read_contents
from kiosk.domain.working_days import local_day
from kiosk.visit import coming_back
from kiosk.visit import view as v
from kiosk.visit.answers import MOST_CHILDREN
from kiosk.visit.asking import BEHIND, Round, possible_answers
from kiosk.visit.events import CardProblem, CardRefusedByReader, Fault, TerminalMessage
from kiosk.visit.health import STOPS_BEGINNING, STOPS_EVERYTHING
from kiosk.visit.known import Known
from kiosk.visit.payment import Stage
from kiosk.visit.view import Overlay, Situation, Step, View

S = Situation

_STEPS: dict[Situation, Step] = {
    S.INSERT_CARD: Step.CARD,
    S.READING: Step.CARD,
    S.CARD_REFUSED: Step.CARD,
    S.SERVICE: Step.CHILDREN,
    S.CHILD_NAME: Step.CHILDREN,
    S.BIRTH_DATE: Step.CHILDREN,
    S.QUESTION: Step.CHILDREN,
    S.CHILD_REFUSED: Step.CHILDREN,
    S.CARD_TYPE: Step.CHILDREN,
    S.PROCEDURE: Step.CHILDREN,
    S.CHILDREN: Step.CHILDREN,
    S.BRING: Step.BRING,
    S.APPOINTMENT: Step.APPOINTMENT,
    S.NO_SLOTS: Step.APPOINTMENT,
    S.REVIEW: Step.PAY,
    S.PAY: Step.PAY,
    S.NOT_PAID: Step.PAY,
    S.OUTCOME_UNKNOWN: Step.PAY,
    S.PRINTING: Step.TICKET,
    S.PRINT_TROUBLE: Step.TICKET,
    S.MONEY_BACK: Step.PAY,
    S.TAKE: Step.TICKET,
}

# A parent who looks after an earlier request goes none of the steps of a new one.
_RETURNING = frozenset({S.MY_REQUESTS, S.MY_REQUEST, S.OTHER_TIME, S.CANCEL_TIME})
_BUSY = {S.PAY, S.PRINTING, S.TAKE, S.OUTCOME_UNKNOWN, S.PRINT_TROUBLE, S.MONEY_BACK}
_STOPPABLE = (frozenset(_STEPS) | _RETURNING) - _BUSY
_NO_WAY_BACK = frozenset({S.READING, S.CARD_REFUSED, S.SERVICE})
_GREETED = (frozenset(_STEPS) | _RETURNING) - {S.INSERT_CARD, S.READING, S.CARD_REFUSED}

# Tiles on the card-type screen before "show other cards": the suggested one and its two neighbours.
_CARD_TYPES_SHOWN_FIRST = 3


def draw(known: Known) -> View:
    """The picture of this moment."""
    here = known.situation
    drawer = _DRAWERS.get(here)
    return View(
        situation=here,
        content=drawer(known) if drawer else None,
        language=known.language,
        large=known.large,
        contrast=known.contrast,
        overlay=known.overlay,
        overlay_deadline=known.overlay_deadline if known.overlay is Overlay.STILL_THERE else None,
        step=_STEPS.get(here),
        can_continue=_CAN_CONTINUE.get(here, _yes)(known),
        can_back=_can_back(known),
        can_stop=here in _STOPPABLE,
        greeting_name=_greeting_name(known),
        municipality=known.profile.name,
        languages=known.languages,
        phone=known.profile.phone,
        now=known.now(),
        notices=known.notices if here in (S.WELCOME, S.OUT_OF_SERVICE) else (),
    )


def _can_back(known: Known) -> bool:
    here = known.situation
    if here not in _STOPPABLE or here in _NO_WAY_BACK:
        return False
    return here is not S.CHILD_NAME or known.has_children or known.several_services


def _greeting_name(known: Known) -> str | None:
    parent = known.answers.parent
    if known.situation is S.READING:
        return known.greeting
    if parent is None or not parent.first_names or known.situation not in _GREETED:
        return None
    return parent.first_names.split()[0]


def _out_of_service(known: Known) -> v.OutOfServiceView:
    only_closed = known.faults & (STOPS_EVERYTHING | STOPS_BEGINNING) == {Fault.CLOSED}
    return v.OutOfServiceView(known.faults, opens_next(known.hours, known.now()) if only_closed else None)


def _insert_card(known: Known) -> v.InsertCardView:
    return v.InsertCardView(known.without_card_possible)


def _reading(known: Known) -> v.ReadingView:
    return v.ReadingView(*known.reading)


def _card_refused(known: Known) -> v.CardRefusedView:
    refusal = known.card_problem or CardRefusedByReader(CardProblem.UNREADABLE)
    return v.CardRefusedView(refusal.problem, refusal.expired_on, known.card_in, known.without_card_possible)


def _service(known: Known) -> v.ServiceView:
    closed = frozenset(known.offered) - frozenset(known.services)
    return v.ServiceView(known.offered, closed, my_requests=known.answers.parent is not None)


def _child_name(known: Known) -> v.ChildNameView:
    return v.ChildNameView(known.answers.draft.index + 1, known.answers.draft.first_name)


def _birth_date(known: Known) -> v.BirthDateView:
    answers = known.answers
    return v.BirthDateView(
        first_name=answers.draft.first_name,
        birth_date=answers.draft.birth_date,
        years=_years(known),
        today=known.now().date(),
        known=answers.draft.birth_known,
    )


def _years(known: Known) -> tuple[int, ...]:
    answers = known.answers
    this_year = local_day(answers.asked_at).year
    oldest = rules.birth_years(known.profile, answers.service, answers.asked_at)[-1]
    return tuple(range(this_year, min(oldest, this_year - rules.CHILDHOOD) - 1, -1))


def _question(known: Known) -> v.QuestionView:
    answers = known.answers
    assert known.question is not None
    names = [answers.draft.first_name]
    if known.round is Round.FAMILY:
        names = [request.child.first_name for request in answers.requests]
    return v.QuestionView(
        question=known.question,
        names=tuple(names),
        answers=possible_answers(known.question, answers.service),
        selected=answers.answer(known.question),
        answered=answers.has_said(known.question),
    )


def _child_refused(known: Known) -> v.ChildRefusedView:
    answers = known.answers
    refusal = answers.draft_refusal()
    assert refusal is not None and refusal.reason is not None
    child = answers.draft_child
    question = BEHIND.get(refusal.reason)
    desk = known.profile.desk(known.profile.services[answers.service].desk)
    return v.ChildRefusedView(
        reason=refusal.reason,
        child=child,
        age=answers.age(child),
        others=known.has_children,
        question=question,
        answer=answers.answer(question) if question is not None else None,
        way_on=refusal.way_on,
        desk_language=known.profile.languages[0],
        desk=desk.name_in(known.language),
        address=desk.address,
        instead=known.service_instead,
    )


def _card_type(known: Known) -> v.CardTypeView:
    answers = known.answers
    child = answers.draft_child
    offers = answers.card_type_offers()
    # What was chosen behind "show other cards" stays in sight when the parent comes back.
    chosen = next((i for i, offer in enumerate(offers) if offer.card_type == answers.draft.card_type), 0)
    return v.CardTypeView(
        child=child,
        age=answers.age(child),
        parent_card=answers.parent_card,
        offers=offers,
        shown_first=len(offers) if chosen >= _CARD_TYPES_SHOWN_FIRST else _CARD_TYPES_SHOWN_FIRST,
        selected=answers.draft.card_type,
    )


def _procedure(known: Known) -> v.ProcedureView:
    answers = known.answers
    return v.ProcedureView(
        answers.draft_child,
        answers.draft_request.card_type,
        answers.procedure_offers(),
        answers.draft.procedure,
        day_is_fixed=not known.appointment_needed,
        too_late_for=known.too_late_for,
    )


def _children(known: Known) -> v.ChildrenView:
    answers = known.answers
    return v.ChildrenView(answers.lines(), answers.quote().total_cents, len(answers.requests) < MOST_CHILDREN)


def _bring(known: Known) -> v.BringView:
    quote = known.answers.quote()
    return v.BringView(
        children=tuple(request.child for request in known.answers.requests),
        checklist=quote.checklist,
        notices=quote.notices,
        printed=quote.printed,
        fingerprints=quote.fingerprints,
        collection=quote.collection,
        appointment=quote.appointment_needed,
        desk_language=known.profile.languages[0],
    )


def _appointment(known: Known) -> v.AppointmentView:
    answers = known.answers
    return v.AppointmentView(
        slots=known.slots,
        selected=answers.slot.id if answers.slot else None,
        desk=answers.slot.desk if answers.slot else (known.slots[0].desk if known.slots else ""),
        minutes=rules.appointment_minutes(known.profile, answers.service, len(answers.requests)),
        children=len(answers.requests),
    )


def _no_slots(known: Known) -> v.NoSlotsView:
    return v.NoSlotsView(known.profile.phone)


def _review(known: Known) -> v.ReviewView:
    answers = known.answers
    quote = answers.quote()
    return v.ReviewView(
        service=answers.service,
        children=answers.lines(),
        total_cents=quote.total_cents,
        slot=answers.slot,
        appointment_by_phone=known.appointment_needed and answers.slot is None,
        payment_possible=_may_go_on(known),
        faults=known.faults,
        here=known.payment_here_possible,
        at_desk=known.payment_at_desk_possible,
        validity=quote.validity,
        payment=quote.payment,
    )


def _may_go_on(known: Known) -> bool:
    if known.something_to_pay:
        return known.payment_here_possible or known.payment_at_desk_possible
    return known.nothing_to_pay and known.printing_possible


def _total(known: Known) -> int:
    return known.payment.cents if known.payment else 0


def _paid(known: Known) -> int:
    return known.payment.cents if known.payment and known.payment.stage is Stage.PAID else 0


def _pay(known: Known) -> v.PayView:
    payment = known.payment
    message = payment.message if payment else TerminalMessage.CONNECTING
    return v.PayView(_total(known), message, payment.can_cancel if payment else False)


def _not_paid(known: Known) -> v.NotPaidView:
    reason = known.payment.why_not.value if known.payment else ""
    at_desk = known.payment_at_desk_possible
    payment = known.answers.quote().payment if at_desk else None
    return v.NotPaidView(_total(known), reason, known.payment_here_possible, at_desk, payment)


def _outcome_unknown(known: Known) -> v.OutcomeUnknownView:
    return v.OutcomeUnknownView(
        _total(known), known.answers.ticket_code, not known.case_opened, known.slip_out, known.profile.phone
    )


def _printing(known: Known) -> v.PrintingView:
    return v.PrintingView(_paid(known), known.answers.ticket_code)


def _print_trouble(known: Known) -> v.PrintTroubleView:
    return v.PrintTroubleView(
        _paid(known),
        known.answers.ticket_code,
        known.print_reason,
        known.printing_possible,
        known.profile.phone,
        known.money_back_possible,
    )


_MONEY_BACK = {Stage.REVERSED: v.MoneyBack.GIVEN, Stage.PAID: v.MoneyBack.KEPT}


def _money_back(known: Known) -> v.MoneyBackView:
    stage = known.payment.stage if known.payment else Stage.REVERSING
    state = _MONEY_BACK.get(stage, v.MoneyBack.ASKING)
    return v.MoneyBackView(_total(known), known.answers.ticket_code, state, known.slip_out, known.profile.phone)


def _take(known: Known) -> v.TakeView:
    if known.returning is not None:
        return v.TakeView(0, known.answers.ticket_code, known.card_in, known.returning.slot, again=True)
    paid = _paid(known)
    due = known.answers.quote().total_cents if known.something_to_pay and not paid else 0
    return v.TakeView(paid, known.answers.ticket_code, known.card_in, known.answers.slot, due)


def _my_requests(known: Known) -> v.MyRequestsView:
    returning = known.returning
    if returning is None:
        return v.MyRequestsView(looking=True, problem=None, requests=())
    return v.MyRequestsView(returning.looking, returning.problem, returning.requests)


def _my_request(known: Known) -> v.MyRequestView:
    returning = known.returning
    assert returning is not None and returning.chosen is not None
    contents = read_contents(returning.chosen.contents) or Contents()
    return v.MyRequestView(
        request=returning.chosen,
        actions=known.return_actions,
        ready=contents.ready,
        collect=contents.collection,
        cancelled=returning.cancelled,
        printing=known.printing_possible,
        phone=known.profile.phone,
    )


def _other_time(known: Known) -> v.OtherTimeView:
    returning = known.returning
    assert returning is not None and returning.chosen is not None
    return v.OtherTimeView(
        slots=known.slots,
        selected=returning.slot.id if returning.slot else None,
        minutes=coming_back.minutes_for(known.profile, returning.chosen, returning.collection),
        children=len(returning.chosen.children),
        collection=returning.collection,
        before=returning.chosen.appointment,
        phone=known.profile.phone,
        printing=known.printing_possible,
    )


def _cancel_time(known: Known) -> v.CancelTimeView:
    chosen = known.returning.chosen if known.returning is not None else None
    return v.CancelTimeView(chosen.appointment if chosen is not None else None)


def _goodbye(known: Known) -> v.GoodbyeView:
    return v.GoodbyeView(known.card_in)


_DRAWERS: dict[Situation, Callable[[Known], v.Content]] = {
    S.OUT_OF_SERVICE: _out_of_service,
    S.INSERT_CARD: _insert_card,
    S.READING: _reading,
    S.CARD_REFUSED: _card_refused,
    S.SERVICE: _service,
    S.CHILD_NAME: _child_name,
    S.BIRTH_DATE: _birth_date,
    S.QUESTION: _question,
    S.CHILD_REFUSED: _child_refused,
    S.CARD_TYPE: _card_type,
    S.PROCEDURE: _procedure,
    S.CHILDREN: _children,
    S.BRING: _bring,
    S.APPOINTMENT: _appointment,
    S.NO_SLOTS: _no_slots,
    S.REVIEW: _review,
    S.PAY: _pay,
    S.NOT_PAID: _not_paid,
    S.OUTCOME_UNKNOWN: _outcome_unknown,
    S.PRINTING: _printing,
    S.PRINT_TROUBLE: _print_trouble,
    S.MONEY_BACK: _money_back,
    S.TAKE: _take,
    S.GOODBYE: _goodbye,
    S.MY_REQUESTS: _my_requests,
    S.MY_REQUEST: _my_request,
    S.OTHER_TIME: _other_time,
    S.CANCEL_TIME: _cancel_time,
}


def _yes(known: Known) -> bool:
    return True


def _no(known: Known) -> bool:
    return False


# Name and birth date are being typed on the screen, which knows itself when they are complete.
_CAN_CONTINUE: dict[Situation, Callable[[Known], bool]] = {
    S.OUT_OF_SERVICE: _no,
    S.WELCOME: _no,
    S.INSERT_CARD: _no,
    S.READING: _no,
    S.CARD_REFUSED: lambda known: not known.card_in,
    S.SERVICE: _no,
    S.QUESTION: lambda known: known.question is not None and known.answers.has_said(known.question),
    S.CARD_TYPE: lambda known: known.card_type_selected,
    S.PROCEDURE: lambda known: known.procedure_selected,
    S.APPOINTMENT: lambda known: known.slot_selected,
    S.REVIEW: _may_go_on,
    S.PAY: _no,
    S.NOT_PAID: lambda known: known.payment_here_possible,
    S.OUTCOME_UNKNOWN: lambda known: known.case_opened,
    S.PRINTING: _no,
    S.MONEY_BACK: lambda known: known.payment is not None and known.payment.stage in _MONEY_BACK,
    S.GOODBYE: _no,
    S.MY_REQUESTS: lambda known: known.returning is not None and not known.returning.looking,
    S.MY_REQUEST: _no,
    S.OTHER_TIME: lambda known: (
        known.returning is not None and known.returning.slot is not None and known.printing_possible
    ),
}
