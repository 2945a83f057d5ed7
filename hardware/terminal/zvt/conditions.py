"""What the terminal's condition means for a kiosk: the codes of 05 01, and of a refusal, as `TerminalStatus` values.

PA00P015 (status enquiry) and SMART-ZVT 2.x. Where the same number means one thing as a condition and another as a
result, the condition counts here.
"""

from __future__ import annotations

from hardware.terminal import outcome as out
from hardware.terminal.zvt import codes
from hardware.terminal.zvt.exchange import End, Ending

# 83: not now. 9D, E1: a person or the terminal is about to finish something. A0: it is not ready to receive.
_BUSY = frozenset({0x83, 0x9C, 0x9D, 0xA0, 0xE1})
_END_OF_DAY = frozenset({0xF0, 0xB1, 0xB2, 0x6A})
_CARD_INSERTED = 0xDC
_UPDATING, _RESTARTING = 0xE0, 0xFC

_UPKEEP = {
    0x51: out.Upkeep.INITIALISATION,
    0x62: out.Upkeep.SET_CLOCK,
    0xC2: out.Upkeep.DIAGNOSIS,
}


def status_of(code: int | None) -> out.TerminalStatus:
    """The condition with this code; None when the terminal gave none."""
    if code is None:
        return out.Unknown("it completed without a status")
    if code in (0x00, _CARD_INSERTED):
        return out.Ready(card_inserted=code == _CARD_INSERTED)
    if code in _BUSY:
        return out.Busy(code)
    if code == _RESTARTING:
        return out.Restarting(code)
    if code == _UPDATING:
        return out.Maintenance(code)
    if code in _END_OF_DAY:
        return out.NeedsEndOfDay(code)
    if code == codes.NOT_REGISTERED:
        return out.NotRegistered(code)
    meaning = codes.TERMINAL_CONDITIONS.get(code)
    if code in _UPKEEP and meaning is not None:
        return out.NeedsUpkeep(code, meaning, _UPKEEP[code])
    return out.NeedsService(code, meaning) if meaning else out.Unknown("a status nobody knows", code)


def failure(ending: Ending) -> out.TerminalStatus:
    """The condition of a terminal that did not answer an enquiry."""
    return out.Disconnected("the port went away") if ending.end is End.LOST else out.Unknown(describe(ending))


def passes_by_itself(status: out.TerminalStatus) -> bool:
    """True for a terminal that is to be asked again in a moment."""
    return isinstance(status, out.Busy | out.Restarting | out.Maintenance | out.Unknown)


def describe(ending: Ending) -> str:
    """An ending in a few words, for people and for the journal."""
    words = ending.end.name.lower().replace("_", " ")
    return f"{words}: {codes.result_name(ending.code)} ({ending.code:02x})" if ending.code else words
