"""What is to be done at the desk for a request, step by step, as the municipality's rules have it.

Before the application is sent: who comes along, what is brought, fingerprints. Before the card is given: who is
present, the letter with PIN and PUK, the old card, activation. Where the rules say nothing (another profile meanwhile,
a child that became too old), the steps that hold everywhere are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.requests.models import Request, RequestedChild
from backend.tariffs.profiles import profile_of
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Loss, Nationality, Papers, Role
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import BirthKnown, ChecklistItem, Child, Collection, Notice, Quote, Service
from kiosk.domain.quote import Request as Asked
from kiosk.domain.request_states import RequestState
from kiosk.domain.rules import quote
from kiosk.domain.things import CHILD, FINGERPRINTS
from kiosk.text import Texts, terms, texts

PRESENT = "present"
OLD_CARD = "old-card"
_LETTERS = ("codes-letter", "pin-or-puk")

# Who stands at the desk, by the code that is kept.
WHO: dict[str, Promise] = {
    "present:parent": _("the parent who asked, identity checked"),
    "present:other-parent": _("the other parent, identity checked"),
    "present:mandate": _("somebody with a mandate, identity checked"),
}
_ANSWERS = {"role": Role, "loss": Loss, "nationality": Nationality, "papers": Papers}


@dataclass(frozen=True, slots=True)
class Step:
    """One box to tick. `code` is kept with the deed; an optional one may stay empty without a word."""

    code: str
    label: str
    hint: str = ""
    optional: bool = False


def steps_for(request: Request, to: RequestState, now: datetime) -> tuple[Step, ...]:
    """The steps before a request is moved to a state; none for most states."""
    if to not in (RequestState.SUBMITTED, RequestState.COLLECTED):
        return ()
    language = get_language() or "nl"
    profile = profile_of(request.municipality)
    children = list(request.children.all())
    names = [child.first_name or f"{child.position + 1}" for child in children]
    answer = _quote(profile, request, children, now) if profile is not None and children else None
    words = _Words(texts(language), names, profile.languages[0] if profile is not None else "nl")
    if to is RequestState.SUBMITTED:
        return tuple(_application(answer, words, names)) if answer is not None else (_papers(),)
    if answer is not None and request.service not in (Service.COLLECTION, Service.CERTIFICATES):
        rules: Quote | Collection | None = answer.collection
    else:
        rules = answer
    if rules is None and profile is not None:
        rules = _collection_of_anybody(profile, now)
    return tuple(_handover(rules.checklist, rules.notices, words)) if rules is not None else anywhere()


def anywhere() -> tuple[Step, ...]:
    """The steps of a handover that hold in every municipality, as a desk without a line shows them."""
    return (
        Step("bring:codes-letter", str(_("Letter with the PIN and PUK codes is there"))),
        Step(OLD_CARD, str(_("Old card handed in")), optional=True),
        Step("activation", str(_("Card activated with the PIN code"))),
    )


def _papers() -> Step:
    return Step("papers", str(_("Identity and papers checked")))


@dataclass(frozen=True, slots=True)
class _Words:
    t: Texts
    names: Sequence[str]
    desk_language: str

    def item(self, item: ChecklistItem) -> Step:
        """A thing to bring, with the children whom it is for."""
        whom = [self.names[index] for index in item.children]
        label = terms.checklist_title(self.t, item, whom, self.desk_language)
        for_whom = ", ".join(whom) if whom and item.code != CHILD else ""
        return Step(f"bring:{item.code}", f"{label} · {for_whom}" if for_whom else label, optional=item.optional)


def _application(answer: Quote, words: _Words, names: Sequence[str]) -> list[Step]:
    steps = [words.item(item) for item in answer.checklist]
    for index, taken in enumerate(answer.fingerprints):
        if taken:
            label = str(_("Fingerprints taken · %(name)s")) % {"name": names[index]}
            steps.append(Step(f"fingerprints:{index + 1}", label))
    if any(notice.code == "sign-base-document" for notice in answer.notices):
        steps.append(Step("signed", str(_("Base document signed"))))
    return steps or [_papers()]


def _handover(items: Sequence[ChecklistItem], notices: Sequence[Notice], words: _Words) -> list[Step]:
    steps = []
    for item in items:
        if item.code == OLD_CARD:
            continue
        if item.code in _LETTERS:
            whom = ", ".join(words.names[index] for index in item.children) if len(words.names) > 1 else ""
            label = str(_("Letter with the PIN and PUK codes is there"))
            steps.append(Step(f"bring:{item.code}", f"{label} · {whom}" if whom else label, optional=item.optional))
        else:
            steps.append(words.item(item))
    codes = {notice.code for notice in notices}
    if OLD_CARD in {item.code for item in items} or "old-card-handed-in" in codes:
        steps.append(Step(OLD_CARD, str(_("Old card handed in")), str(_("or there was none")), optional=True))
    if codes & FINGERPRINTS:
        steps.append(Step("fingerprints", str(_("Fingerprints compared"))))
    return [*steps, Step("activation", str(_("Card activated with the PIN code")))]


def _quote(profile: Profile, request: Request, children: Sequence[RequestedChild], now: datetime) -> Quote | None:
    try:
        asked = [
            Asked(
                Child(child.first_name, child.birth_date, BirthKnown(child.birth_known)),
                Service(request.service),
                CardType(child.card_type) if child.card_type else None,
                child.procedure or None,
            )
            for child in children
        ]
    except ValueError:
        return None  # a kiosk that knows more of them
    known = [_circumstances(child.circumstances) for child in children]
    answer = quote(
        profile,
        asked,
        request.made_at,
        max(now, request.made_at),
        without_card=not request.surname,
        circumstances=known,
    )
    if answer.eligible:
        return answer
    answer = quote(profile, asked, request.made_at, without_card=not request.surname, circumstances=known)
    return answer if answer.eligible else None


def _circumstances(said: dict[str, str | bool]) -> Circumstances:
    """What the parent answered; an answer that this version does not know is as if it had not been asked."""
    known: dict[str, object] = {}
    for name, value in said.items():
        if not hasattr(NOT_ASKED, name) or name == "stay_until":
            continue
        try:
            known[name] = _ANSWERS[name](value) if name in _ANSWERS else bool(value)
        except ValueError:
            continue
    return Circumstances(**known)  # type: ignore[arg-type]


def _collection_of_anybody(profile: Profile, now: datetime) -> Quote | None:
    """How cards are collected, for a child that the rules would no longer take."""
    rules = profile.services.get(Service.COLLECTION)
    if rules is None:
        return None
    born = now.date().replace(year=now.year - rules.from_age - 1, day=1)
    answer = quote(profile, [Asked(Child("", born), Service.COLLECTION)], now)
    return answer if answer.eligible else None
