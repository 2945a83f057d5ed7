"""Words for the values of the rules: card types, services, procedures, things to bring, things to know, refusals.

The English messages stand here, marked with `N_` and `NN_` so that an extractor finds them; the translations in
`terms.po`. Sentences are plain (about B1 of the Common European Framework) and short: a title fits a tile in
34 characters, a hint in 60. Where a profile brings words of its own, they are shown in the parent's language if the
municipality wrote them in it, or else in the language of the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Loss, Nationality, Question, Role
from kiosk.domain.quote import ChecklistItem, Limit, Notice, OpenCondition, Reason, Service
from kiosk.domain.things import CHILD, OTHER, THINGS
from kiosk.text.catalogue import Texts

SEPARATOR = " · "


def N_(message: str) -> str:
    """Mark a message for extraction; it is translated where it is used."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark a message with a plural for extraction."""
    return one, many


_CARD_NAMES: dict[CardType, str] = {
    CardType.A: N_("A card"),
    CardType.B: N_("B card"),
    CardType.K: N_("K card"),
    CardType.L: N_("L card"),
    CardType.H: N_("H card"),
    CardType.M: N_("M card"),
    CardType.EU: N_("EU card"),
    CardType.EU_PLUS: N_("EU+ card"),
    CardType.F: N_("F card"),
    CardType.F_PLUS: N_("F+ card"),
}

_CARD_MEANINGS: dict[CardType, str] = {
    CardType.A: N_("limited stay"),
    CardType.B: N_("unlimited stay"),
    CardType.K: N_("settled in Belgium"),
    CardType.L: N_("long-term resident in the EU"),
    CardType.H: N_("European blue card, for skilled work"),
    CardType.M: N_("British or family, here since before Brexit"),
    CardType.EU: N_("EU citizen"),
    CardType.EU_PLUS: N_("EU citizen, permanent stay"),
    CardType.F: N_("family of an EU citizen or Belgian"),
    CardType.F_PLUS: N_("family of an EU citizen or Belgian, permanent stay"),
}

_SERVICES: dict[Service, tuple[str, str]] = {
    Service.APPLICATION: (N_("New card"), N_("for a child younger than 12")),
    Service.DUPLICATE: (N_("Card lost or stolen"), N_("a new card, after a report to the police")),
    Service.COLLECTION: (N_("Collect a card"), N_("you got the letter with the codes")),
    Service.CERTIFICATES: (N_("Activate a card"), N_("to use the card online")),
    Service.CARD_FROM_12: (N_("Card from 12 years"), N_("for a child of 12 or older")),
}

_PROCEDURES: dict[str, str] = {
    "normal": N_("Normal"),
    "urgent": N_("Urgent"),
    "super-urgent": N_("Very urgent"),
}

_REASONS: dict[Reason, tuple[str, str]] = {
    Reason.BORN_IN_FUTURE: (N_("This birth date is in the future."), N_("Check the day, the month and the year.")),
    Reason.TOO_OLD: (
        N_("Your child is too old for this card."),
        N_("From 12, your child needs another card. Ask the desk."),
    ),
    Reason.TOO_YOUNG: (N_("Your child is too young for this card."), N_("Choose something else, or ask the desk.")),
    Reason.CARD_TYPE_NOT_SOLD: (
        N_("You cannot ask for this card here."),
        N_("Only the desk can decide on it. Ask the desk."),
    ),
    Reason.SERVICE_NOT_OFFERED: (N_("You cannot do this at the kiosk."), N_("Ask the desk.")),
    Reason.PROCEDURE_UNKNOWN: (N_("We do not have this procedure here."), N_("Choose another procedure.")),
    Reason.PROCEDURE_CLOSED: (
        N_("It is too late today for this procedure."),
        N_("Choose another procedure, or come earlier on another day."),
    ),
    Reason.NO_TARIFF: (N_("We do not know the price of this card yet."), N_("Ask the desk.")),
    Reason.TOO_OLD_BY_THEN: (
        N_("Your child turns 12 before the appointment."),
        N_("From 12, your child needs another card. Ask the desk."),
    ),
    Reason.BELGIAN_CHILD: (
        N_("A Belgian child does not get a residence card."),
        N_("Ask the desk for a Kids-ID."),
    ),
    Reason.PAPERS_NOT_ELIGIBLE: (
        N_("With these papers, your child cannot have an electronic card."),
        N_("The papers that your child has now are renewed on paper. Ask the desk."),
    ),
    Reason.NOT_IN_REGISTERS: (
        N_("Your child is not registered here yet."),
        N_("First register your child at the desk."),
    ),
    Reason.APPLICANT_NOT_ENTITLED: (
        N_("Only someone with parental authority can ask for this card."),
        N_("Come with that person, or ask the desk."),
    ),
}
# With these a person can help, so the phone number is worth giving.
_ASK_PEOPLE = frozenset(
    {
        Reason.TOO_OLD,
        Reason.TOO_YOUNG,
        Reason.CARD_TYPE_NOT_SOLD,
        Reason.SERVICE_NOT_OFFERED,
        Reason.NO_TARIFF,
        Reason.TOO_OLD_BY_THEN,
        Reason.BELGIAN_CHILD,
        Reason.PAPERS_NOT_ELIGIBLE,
        Reason.NOT_IN_REGISTERS,
        Reason.APPLICANT_NOT_ENTITLED,
    }
)


@dataclass(frozen=True, slots=True)
class _Bring:
    """The words of one thing to bring: title for one child and for several, and the hint beneath it."""

    title: tuple[str, str]
    hint: tuple[str, str]


def _bring(title: str | tuple[str, str], hint: str | tuple[str, str] = "") -> _Bring:
    return _Bring(_forms(title), _forms(hint))


def _forms(message: str | tuple[str, str]) -> tuple[str, str]:
    return (message, message) if isinstance(message, str) else message


_CHILD_BY_NAME = N_("{names} in person")
_IF_ANY = NN_("if there is one", "if there are any")
_FOR = N_("for {names}")
_OR = N_("{one} or {other}")
_GONE = N_("if the card was lost or stolen")
_PHONE = N_("Phone: {phone}")
_ONE_PHOTO = NN_("1 passport photo", "1 passport photo per child")

_CHECKLIST: dict[str, _Bring] = {
    CHILD: _bring(
        NN_("The child in person", "The children in person"),
        NN_("the child must come with you", "the children must come with you"),
    ),
    "parent-card": _bring(N_("Your own residence card"), N_("the card that you use at this kiosk")),
    "adult-passport-or-id": _bring(N_("Your own passport or ID card"), N_("of the adult who comes with the child")),
    "adult-id": _bring(N_("Identity or residence card"), N_("of the parent, guardian or companion")),
    "passport-or-id": _bring(N_("Passport or identity card"), N_("from the country of origin")),
    "passport-or-proof": _bring(N_("Passport or proof of identity"), N_("of the child")),
    "photo": _bring(_ONE_PHOTO, N_("at most 6 months old")),
    "photo-white": _bring(_ONE_PHOTO, N_("with a white background")),
    "photo-icao": _bring(_ONE_PHOTO, N_("in colour, face clearly visible, at most 6 months old")),
    "old-card": _bring(NN_("Old card of the child", "Old cards of the children"), N_("to hand in at the desk")),
    "current-card": _bring(NN_("Card of the child", "Cards of the children"), N_("the card that is in use now")),
    "codes-letter": _bring(N_("Letter with PIN and PUK codes"), N_("that you got at home by post")),
    "invitation": _bring(N_("Your invitation"), N_("the letter from the town hall")),
    "police-report": _bring(N_("Report from the police"), N_("of the loss or theft")),
    "annex-12": _bring(N_("Annex 12"), N_("you get it from the police")),
    "custody-judgment": _bring(N_("Judgment on custody"), N_("a copy of it")),
    "custody-consent": _bring(N_("Signed consent"), N_("of the person who has custody")),
    "guardian-decision": _bring(N_("Decision or certificate"), N_("that you are guardian or foster parent")),
    "parent-permit": _bring(N_("The parent's residence permit"), N_("the Belgian one")),
    "pin-or-puk": _bring(N_("PIN or PUK code"), N_("of the card")),
    "money": _bring(N_("Bank card or cash"), N_("to pay at the desk")),
    "placement-ruling": _bring(N_("Decision of placement"), N_("by the judge or the service that placed the child")),
}

# A notice about particular children has a second form that names them.
_NOTICES: dict[str, tuple[str, str]] = {
    "fingerprints": (N_("Fingerprints will be taken."), N_("{names}: fingerprints will be taken.")),
    "photo-at-desk": (N_("The desk takes the photo."), N_("{names}: the desk takes the photo.")),
    "turning-12": (N_("From 12, a card is compulsory."), N_("{names}: from 12, a card is compulsory.")),
    "codes-by-post": (N_("The PIN and PUK codes come by post. Then you can collect the card."), ""),
    "puk-and-pin": (N_("The PUK activates the card. The PIN is for online services, from 6 years."), ""),
    "old-card-handed-in": (N_("You hand in the old card when you collect the new one."), ""),
    "not-for-travel-alone": (N_("This card is not enough to travel. Your child also needs a passport."), ""),
    "not-compulsory": (N_("The card is not compulsory under 12."), ""),
    "paper-stays-valid": (N_("A paper proof of identity stays valid until its end date."), ""),
    "not-beyond-permit": (N_("The card is not valid longer than your own residence permit."), ""),
    "shorter-if-temporary": (N_("With a temporary right of residence, the card can be valid for a shorter time."), ""),
    "lapses-on-move": (N_("After a move to another address, the card is no longer valid."), ""),
    "lapses-on-name": (N_("After a change of name or nationality, the card is no longer valid."), ""),
    "sign-base-document": (N_("You sign the application at the desk."), ""),
    "identity-at-desk": (N_("The desk checks who you are: no residence card was read at the kiosk."), ""),
    "report-first": (N_("First report the loss or theft to the police."), ""),
    "recovered-stays-dead": (N_("A card that was reported lost or stolen can never be used again."), ""),
    "urgent-contact": (N_("Is it urgent? Then contact the town hall as soon as possible."), ""),
    "longer-when-busy": (N_("In busy periods it can take longer."), ""),
    "by-invitation": (N_("The town hall invites you by letter. Then you make an appointment."), ""),
    "recommended": (N_("The card is not compulsory, but useful for travel, school or the sports club."), ""),
    "no-paper-choice": (N_("Since 15 January 2024 there is only the electronic card, no longer a paper one."), ""),
    "paper-exchange": (N_("You may exchange a paper proof of identity that is still valid, but you need not."), ""),
    "apply-in-time": (N_("Do you want to travel? Then ask for the card in good time."), ""),
    "renew-yourself": (N_("Ask for a new card yourself before the old one ends: you get no invitation."), ""),
    "card-after-12": (
        N_("A card that is still valid after the 12th birthday can be used to its end date."),
        N_("{names}: a card that is still valid after the 12th birthday can be used to its end date."),
    ),
    "age-at-desk": (
        N_("The birth date is not complete. The desk checks the age."),
        N_("{names}: the birth date is not complete. The desk checks the age."),
    ),
    "fingerprints-at-collection": (
        N_("At the collection, fingerprints are taken again."),
        N_("{names}: at the collection, fingerprints are taken again."),
    ),
    "identity-certificate-only": (
        N_("Under 18, only the identity certificate can be activated."),
        N_("{names}: under 18, only the identity certificate can be activated."),
    ),
    "revoke-recovered": (N_("Did you find the card again? Hand it in, and ask for a new one."), ""),
    "annex-12-from-police": (N_("The police give you an Annex 12. Bring it with you."), ""),
    "printed-parents-names": (
        N_("The names of the parents stand on the card, in place of a signature."),
        N_("{names}: the names of the parents stand on the card, in place of a signature."),
    ),
    "printed-exempt": (
        N_("The word “exempt” stands on the card, in place of a signature."),
        N_("{names}: the word “exempt” stands on the card, in place of a signature."),
    ),
}


# When a thing counts that hangs on a question nobody asked.
_ONLY_IF: dict[tuple[Question, str | bool], str] = {
    (Question.NATIONALITY, Nationality.EU): N_("for EU citizens"),
    (Question.NATIONALITY, Nationality.THIRD_COUNTRY): N_("for children from outside the EU"),
    (Question.ROLE, Role.PARENT): N_("for parents"),
    (Question.ROLE, Role.FOSTER_PARENT): N_("for foster parents"),
    (Question.ROLE, Role.GUARDIAN): N_("for guardians"),
    (Question.ROLE, Role.INSTITUTION): N_("for institutions"),
    (Question.SEPARATED, True): N_("if the parents are separated"),
    (Question.SEPARATED, False): N_("if the parents live together"),
    (Question.CUSTODY, True): N_("if you have custody"),
    (Question.CUSTODY, False): N_("if you do not have custody"),
    (Question.LOSS, Loss.NO): N_("if the card was not lost"),
    (Question.LOSS, Loss.LOST): N_("if the card was lost"),
    (Question.LOSS, Loss.STOLEN): N_("if the card was stolen"),
    (Question.RECOVERED, True): N_("if the card was found again"),
    (Question.RECOVERED, False): N_("if the card was not found again"),
    (Question.PREVIOUS_CARD, True): N_("if there is one already"),
    (Question.PREVIOUS_CARD, False): N_("if there is no card yet"),
}

_LIMITS: dict[Limit, str] = {
    Limit.MAX_YEARS: N_("the longest that a card can be valid"),
    Limit.AGE: N_("the child's age"),
    Limit.STAY: N_("the child's own right of residence"),
    Limit.PERMIT: N_("the parent's residence permit"),
}


def card_type_name(t: Texts, card_type: CardType) -> str:
    """A card's name, such as "A card"."""
    return t(_CARD_NAMES[card_type])


def card_type_meaning(t: Texts, card_type: CardType) -> str:
    """What a card stands for, in plain words without a full stop."""
    return t(_CARD_MEANINGS[card_type])


def service_name(t: Texts, service: Service | str) -> str:
    """A service, as the title of a tile."""
    return t(_SERVICES[Service(service)][0])


def service_hint(t: Texts, service: Service | str) -> str:
    """A service in a few more words, for beneath its name."""
    return t(_SERVICES[Service(service)][1])


def procedure_name(t: Texts, procedure: str, own: Mapping[str, str] | None = None) -> str:
    """A procedure: the municipality's `own` name for it (`Profile.procedure_name`), or the catalogue's, or its id."""
    if own:
        return own_words(t, own)
    known = _PROCEDURES.get(procedure)
    return t(known) if known is not None else procedure.replace("-", " ").capitalize()


def checklist_title(t: Texts, item: ChecklistItem, names: Sequence[str] = (), desk_language: str = "") -> str:
    """One thing to bring. `names`: the first names of all children of the visit, for `item.children` to point into."""
    if item.text:
        return own_words(t, item.text, desk_language)
    if item.code == CHILD and names:
        return t(_CHILD_BY_NAME, names=t.join([names[index] for index in item.children]))
    return _counted(t, _CHECKLIST[item.code].title, item)


def checklist_hint(t: Texts, item: ChecklistItem, names: Sequence[str] = ()) -> str:
    """A few words beneath the title; for whom it is, where it is not for all children; may be empty."""
    if item.only_if:
        hint = only_if(t, item.only_if)
    elif item.optional:
        hint = _counted(t, _IF_ANY, item)
    elif item.code == OTHER or item.text:
        hint = ""
    else:
        hint = _counted(t, _CHECKLIST[item.code].hint, item)
    if item.code == CHILD or not 0 < len(item.children) < len(names):
        return hint
    whom = t(_FOR, names=t.join([names[index] for index in item.children]))
    return f"{whom}{SEPARATOR}{hint}" if hint else whom


def checklist_text(t: Texts, item: ChecklistItem, desk_language: str = "") -> str:
    """One thing to bring on a single line without names, for paper."""
    title = checklist_title(t, item, (), desk_language)
    hint = "" if item.code == CHILD else checklist_hint(t, item)
    return f"{title}, {hint}" if hint else title


def checklist_icon(code: str) -> str:
    """The name of the picture of a thing to bring."""
    return THINGS[code].icon if code in THINGS else THINGS[OTHER].icon


def notice_text(t: Texts, notice: Notice, names: Sequence[str] = (), desk_language: str = "") -> str:
    """One thing to know, in a sentence or two; names the children it is about where `names` of all are given."""
    if notice.text:
        sentence = own_words(t, notice.text, desk_language)
    else:
        alone, of_children = _NOTICES[notice.code]
        named = of_children and notice.children and names
        whom = t.join([names[index] for index in notice.children]) if named else ""
        sentence = t(of_children, names=whom) if named else t(alone)
    if not notice.only_if:
        return sentence
    condition = only_if(t, notice.only_if)
    return f"{condition[:1].upper()}{condition[1:]}: {sentence}"


def only_if(t: Texts, conditions: Sequence[OpenCondition]) -> str:
    """When something counts, in words without a stop: "if the parents are separated, if you have custody"."""
    asked = {condition.question for condition in conditions}
    said = []
    for condition in conditions:
        if condition.question is Question.ROLE and Question.SEPARATED in asked:
            continue  # only parents separate
        if {*condition.answers} == {Loss.LOST, Loss.STOLEN}:
            said.append(t(_GONE))
            continue
        words = [t(_ONLY_IF[condition.question, answer]) for answer in condition.answers]
        said.append(either(t, *words) if len(words) == 2 else ", ".join(words))
    return ", ".join(said)


def either(t: Texts, one: str, other: str) -> str:
    """One or the other."""
    return t(_OR, one=one, other=other)


def limit_text(t: Texts, limit: Limit) -> str:
    """What ends a card, in words for the middle of a sentence."""
    return t(_LIMITS[limit])


def reason_text(t: Texts, reason: Reason) -> str:
    """Why the kiosk cannot take a request."""
    return t(_REASONS[reason][0])


def reason_way_on(
    t: Texts, reason: Reason, phone: str = "", text: Mapping[str, str] | None = None, desk_language: str = ""
) -> str:
    """What the parent can do instead; with the phone number, where people can help and the number is known.

    `text`: the municipality's own words for it (`Quote.way_on`), where it has some.
    """
    way = own_words(t, text, desk_language) if text else t(_REASONS[reason][1])
    return f"{way} {t(_PHONE, phone=phone)}" if phone and reason in _ASK_PEOPLE else way


def own_words(t: Texts, text: Mapping[str, str], desk_language: str = "") -> str:
    """A municipality's own words in the parent's language, or the desk's, or in the first that there is."""
    return text.get(t.language) or text.get(desk_language) or next(iter(text.values()))


def _counted(t: Texts, forms: tuple[str, str], item: ChecklistItem) -> str:
    one, many = forms
    return t(one) if one == many else t.count(one, many, max(len(item.children), 1))
