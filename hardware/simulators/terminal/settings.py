"""How the simulated terminal is disposed: what can be set on its side channel or with `--set NAME=VALUE`."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

STAGES = ("accepted", "card", "pin", "host", "approved", "answered", "captured", "printed", "completed")
"""The steps of a payment at which something can be arranged to happen (`at`), each just after it was reached:

`accepted` 80 00 was said · `card` it waits for the customer · `pin` the PIN is asked for · `host` the host is asked ·
`approved` the host said yes and the till does not know yet · `answered` the till has answered the approving status, and
it is not booked yet · `captured` it is booked · `printed` all receipts were sent · `completed` 06 0F was said.
"""

AUTOMATIC = ("approve", "decline", "abort", "wrong_pin_then_right", "slow_pin")
"""What the customer does where no person is needed."""

AT = ("reboot", "unplug", "silence", "deaf")
"""What can be arranged for a stage."""

OMISSIONS = frozenset({"amount", "receipt", "trace", "time", "pan", "terminal_id", "card_name", "totals"})


@dataclass
class Settings:
    """Each can be changed while the terminal runs. The one-shot ones say "next"."""

    # The customer
    automatic: Literal["approve", "decline", "abort", "wrong_pin_then_right", "slow_pin"] | None = None  # no person
    after_ms: int = 0  # how long the automatic customer takes
    card_wait: float = 60.0  # seconds until a payment without a card is given up
    decline_code: int = 0x05
    host_ms: int = 0  # how long the host thinks

    # Condition
    condition: int = 0x00  # what 05 01 answers
    enquiry_jobs: int = 0  # so many "automatic end of day" statuses before 05 01 is answered
    refuse: int | None = None  # answer the next authorisation with 84 xx
    refuse_registration: int | None = None  # answer every registration with 84 1E 01 xx
    refuse_end_of_day: int | None = None  # end the next end of day with 06 1E xx
    condition_after_end_of_day: int = 0x00  # E0: it updates; FC: it restarts

    # Receipts
    prints: bool = True
    prints_declines: bool = True
    must_print: bool = False  # tag 1F37 says that the customer has to get the receipt
    charset: Literal["cp437", "iso8859-1", "iso8859-15", "utf-8"] = "cp437"
    names_charset: bool = True  # tag 14 beside the lines; some terminals forget it
    greeting: str = ""  # one more line on the receipts
    leaky: bool = False  # sends open card numbers, everywhere

    # What the status says
    omits: list[str] = field(default_factory=list)  # fields left out of 04 0F: see OMISSIONS
    long_trace: bool = False  # 0B is 000000, and the trace is in tag 1F2B

    # Money
    reverses_by_itself: bool = True  # when the till never answers an approval; terminals differ
    second_status: Literal["same", "reversal"] | None = None  # next payment: after the till's yes, one more 04 0F
    loses_answer: bool = False  # next payment: does not hear the till's answer to the approval
    silent_after_approval: bool = False  # next payment: captured, and then not a word more about it
    loses_completion: bool = False  # next payment: everything but 06 0F
    approves_late: bool = False  # next payment, if it ends with a no or a pulled cable: `late_ms` after it, a yes
    heeds_refusal: bool = True  # takes a payment back that the till refuses (84 66); terminals differ
    late_after_abort: Literal["frames", "approval"] | None = None  # what follows when the till aborts
    late_ms: int = 500  # … and how much later
    remembers: Literal["last", "success", "nothing"] = "last"  # what "repeat receipt" tells of
    reverses: Literal["any", "last", "never"] = "any"  # which payments of the day can be taken back
    totals_off_cents: int = 0  # the end of day's total is wrong by so much

    def change(self, name: str, value: Any) -> None:
        """Set one. Raises ValueError for a name or a value that is none."""
        hints = typing.get_type_hints(type(self))
        if name not in hints:
            raise ValueError(f"there is no setting {name!r}")
        if not _fits(value, hints[name]) or (name == "omits" and not OMISSIONS.issuperset(value)):
            raise ValueError(f"{value!r} is no value for {name}")
        setattr(self, name, value)


def _fits(value: Any, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in typing.get_args(hint))
    if origin is Literal:
        return value in typing.get_args(hint)
    if origin is list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if hint is type(None):
        return value is None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
