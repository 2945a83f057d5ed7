"""A quote as lines for people, in their language. English stands here; the translations are in `quote.po`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.commands.quote_answer import Asked
from kiosk.domain.quote import ChecklistItem, Collection, Longest, Notice, PaymentAnswer, Place, Ready, Request
from kiosk.text import Texts, questions, terms
from kiosk.text.terms import N_

_MEANS: Mapping[str, str] = {
    "bancontact": N_("Bancontact"),
    "card": N_("bank card"),
    "cash": N_("cash"),
    "transfer": N_("transfer"),
}


def as_lines(asked: Asked) -> list[str]:
    """What a person reads at a shell."""
    answer, t, several = asked.answer, asked.t, len(asked.requests) > 1
    lines = [t(N_("{town}, rules of version {version}"), town=asked.profile.name, version=asked.profile.version)]
    if answer.reason is not None:
        why = terms.reason_text(t, answer.reason)
        if several:
            why = t(N_("child {number}: {what}"), number=(answer.child or 0) + 1, what=why)
        return [*lines, t(N_("No: {why}"), why=why), asked.way_on(), *_rests_on(asked)]
    lines += [_child_line(asked, index, request) for index, request in enumerate(asked.requests)]
    total = t.money(answer.total_cents)
    at_most = any(line.at_most for line in answer.fees)
    lines.append(t(N_("Total: {money} at most"), money=total) if at_most else t(N_("Total: {money}"), money=total))
    if answer.payment is not None and answer.total_cents:
        lines.append(_payment_line(t, answer.payment))
    lines.append(_appointment_line(t, answer.appointment_needed, answer.appointment_as, answer.place))
    if answer.checklist:
        lines += [t(N_("To bring:")), *_item_lines(asked, answer.checklist)]
    if answer.notices:
        lines += [t(N_("To know:")), *_notice_lines(asked, answer.notices)]
    if answer.collection is not None:
        lines += _collection_lines(asked, answer.collection)
    if answer.printed:
        lines += [t(N_("On the card:")), *_notice_lines(asked, answer.printed)]
    if asked.questions:
        lines += [t(N_("Still to ask:")), *(f"  {questions.question_text(t, one)}" for one in asked.questions)]
    return [*lines, *_rests_on(asked)]


def _child_line(asked: Asked, index: int, request: Request) -> str:
    answer, t, age = asked.answer, asked.t, asked.age(request)
    words = [t.count("child {number}, {n} year", "child {number}, {n} years", age, number=index + 1)]
    if request.card_type is not None and asked.profile.services[request.service].card_type:
        words.append(terms.card_type_name(t, request.card_type))
    for offer in answer.procedures[index]:
        if offer.procedure == request.procedure:
            name, money = terms.procedure_name(t, offer.procedure, offer.name), t.money(offer.fee_cents)
            fee = N_("{procedure}: {money} at most") if offer.at_most else N_("{procedure}: {money}")
            words.append(t(fee, procedure=name, money=money))
    words += [_ready_words(t, answer.ready[index]), _validity_words(t, answer.validity[index])]
    fingerprints = answer.fingerprints[index]
    if fingerprints is not None:
        words.append(t(N_("fingerprints")) if fingerprints else t(N_("no fingerprints")))
    return ", ".join(filter(None, words))


def _ready_words(t: Texts, ready: Ready | None) -> str:
    if ready is None:
        return ""
    day = t.day(ready.at)
    if ready.exact:
        return t(N_("ready on {day} from {time}"), day=day, time=t.time(ready.at))
    if ready.not_before is not None:
        return t(N_("ready between {first} and {day}"), first=t.day(ready.not_before), day=day)
    return t(N_("ready on {day} at the latest"), day=day) if ready.at_most else t(N_("ready around {day}"), day=day)


def _validity_words(t: Texts, longest: Longest | None) -> str:
    if longest is None:
        return ""
    day, limit = t.day_with_year(longest.until), terms.limit_text(t, longest.limited_by)
    until = t(N_("valid until {day} at most ({limit})"), day=day, limit=limit)
    if not longest.not_known:
        return until
    limits = [terms.limit_text(t, limit) for limit in longest.not_known]
    limit = limits[0] if len(limits) == 1 else terms.either(t, *limits)
    return f"{until}; " + t(N_("not known, and may end it earlier: {limit}"), limit=limit)


def _payment_line(t: Texts, payment: PaymentAnswer) -> str:
    places = {("kiosk",): N_("Pay at the kiosk"), ("desk",): N_("Pay at the desk")}
    line = t(places.get(payment.places, N_("Pay at the kiosk or at the desk")))
    means = ", ".join(t(_MEANS[one]) for one in payment.means)
    return f"{line}: {means}" if means else line


def _where(t: Texts, place: Place) -> str:
    return f"{terms.own_words(t, place.name)}, {place.address}"


def _appointment_line(t: Texts, needed: bool, booked_as: str = "", place: Place | None = None) -> str:
    line = t(N_("By appointment")) if needed else t(N_("No appointment needed"))
    line = f"{line}: “{booked_as}”" if needed and booked_as else line
    return f"{line}, {_where(t, place)}" if place is not None else line


def _collection_lines(asked: Asked, collection: Collection) -> list[str]:
    t = asked.t
    where = _where(t, collection.place) if collection.place is not None else collection.desk
    place = t(N_("Collect it: {desk}"), desk=where)
    how = _appointment_line(t, collection.appointment)
    child = N_("child {number}: {what}")
    others = [t(child, number=index + 1, what=_where(t, other)) for index, other in collection.elsewhere]
    return [
        f"{place}. {how}.",
        *(f"  {other}" for other in others),
        *_item_lines(asked, collection.checklist),
        *_notice_lines(asked, collection.notices),
    ]


def _item_lines(asked: Asked, items: Sequence[ChecklistItem]) -> list[str]:
    return [f"  {terms.checklist_text(asked.t, item, asked.desk_language)}{_whom(asked, item)}" for item in items]


def _notice_lines(asked: Asked, notices: Sequence[Notice]) -> list[str]:
    return [f"  {terms.notice_text(asked.t, note, (), asked.desk_language)}{_whom(asked, note)}" for note in notices]


def _whom(asked: Asked, thing: ChecklistItem | Notice) -> str:
    """For which children, where it is not for all of them."""
    if not 0 < len(thing.children) < len(asked.requests):
        return ""
    numbers = ", ".join(str(index + 1) for index in thing.children)
    whom = asked.t(N_("child {number}"), number=numbers)
    return f" ({whom})"


def _rests_on(asked: Asked) -> list[str]:
    """The rule and the source of the answer, and the laws that the municipality names."""
    t, grounds = asked.t, asked.answer.grounds
    if grounds is None:
        return []
    source = asked.profile.sources[grounds.source]
    rests = t(
        N_("Rule: {rule}. Source: {source}, read on {day}."),
        rule=grounds.rule,
        source=source.title,
        day=t.day_with_year(source.read_on),
    )
    laws = [terms.own_words(t, law.text, asked.desk_language) for law in asked.answer.legal_base]
    return [rests, *(t(N_("Law: {law}"), law=law) for law in laws)]
