"""How far a request is, from the kiosk to the card in the parent's hand, and what may follow what.

The one place that says so: desk, console and backend ask here. Source of the order: how a residence card is made in
Belgium (the desk sends the application to the card's maker, the codes go by post, the card comes to the town hall).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from kiosk.domain.quote import Service


class RequestState(StrEnum):
    """The states of a request. Whoever moves it on is written down with the moment."""

    REQUESTED = "requested"  # at the kiosk
    ARRIVED = "arrived"  # the parent is at the desk
    SUBMITTED = "submitted"  # the desk has sent the application
    IN_PRODUCTION = "in-production"
    CODES_SENT = "codes-sent"  # the letter with PIN and PUK is on its way
    READY = "ready"  # the card is at the town hall
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


_S = RequestState
# REFUNDED from REQUESTED is the kiosk's: it gave the money back because no ticket could be had.
# A desk may forget to note a step in between, so that a later one of the making may follow any earlier one.
_CARD_IS_MADE: Mapping[RequestState, tuple[RequestState, ...]] = MappingProxyType(
    {
        _S.REQUESTED: (_S.ARRIVED, _S.SUBMITTED, _S.CANCELLED, _S.REFUNDED),
        _S.ARRIVED: (_S.SUBMITTED, _S.CANCELLED),
        _S.SUBMITTED: (_S.IN_PRODUCTION, _S.CODES_SENT, _S.READY, _S.CANCELLED),
        _S.IN_PRODUCTION: (_S.CODES_SENT, _S.READY, _S.CANCELLED),
        _S.CODES_SENT: (_S.READY, _S.CANCELLED),
        _S.READY: (_S.COLLECTED, _S.CANCELLED),
        _S.COLLECTED: (),
        _S.CANCELLED: (_S.REFUNDED,),
        _S.REFUNDED: (),
    }
)
# The card exists already: what was asked for is done in one visit to the desk.
_ONE_VISIT: Mapping[RequestState, tuple[RequestState, ...]] = MappingProxyType(
    {
        _S.REQUESTED: (_S.ARRIVED, _S.COLLECTED, _S.CANCELLED, _S.REFUNDED),
        _S.ARRIVED: (_S.COLLECTED, _S.CANCELLED),
        _S.COLLECTED: (),
        _S.CANCELLED: (_S.REFUNDED,),
        _S.REFUNDED: (),
    }
)
_OF_ONE_VISIT = frozenset({Service.COLLECTION.value, Service.CERTIFICATES.value})

# Nothing is to be done any more; from here on the retention counts.
ENDED = frozenset({_S.COLLECTED, _S.CANCELLED, _S.REFUNDED})
# The desk gives something or sends something off: money has to be settled before.
NEEDS_MONEY = frozenset({_S.SUBMITTED, _S.COLLECTED})


def following(service: str, state: RequestState) -> tuple[RequestState, ...]:
    """What may follow a state, the usual next one first."""
    return (_ONE_VISIT if service in _OF_ONE_VISIT else _CARD_IS_MADE).get(state, ())


def may_follow(service: str, state: RequestState, wanted: RequestState) -> bool:
    """Whether a request may be moved from one state to the other."""
    return wanted in following(service, state)


def awaits_handover(service: str, state: RequestState) -> bool:
    """Whether the next thing to do is to give the parent the card, or to do what was asked for."""
    return _S.COLLECTED in following(service, state)
