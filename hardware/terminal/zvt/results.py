"""What the end of a command other than a payment means for money: reversals, refunds, the end of day."""

from __future__ import annotations

from dataclasses import replace

from hardware.terminal import outcome as out
from hardware.terminal.zvt import codes, fields
from hardware.terminal.zvt.apdu import Apdu
from hardware.terminal.zvt.conditions import describe
from hardware.terminal.zvt.exchange import End, Ending
from hardware.terminal.zvt.receipts import ReceiptLines


def mismatch(
    last: out.TransactionReceipt | None, receipt_number: int, cents: int, terminal_id: str | None
) -> str | None:
    """Why the terminal's last transaction is not the one to take back; None when it is."""
    if last is None:
        return "the terminal tells of no last transaction"
    if last.receipt_number != receipt_number:
        return f"the last receipt is {last.receipt_number}, not {receipt_number}"
    if last.amount_cents != cents:
        return f"the last amount is {last.amount_cents} cents, not {cents}"
    if terminal_id is not None and last.terminal_id != terminal_id:
        return f"this is terminal {last.terminal_id}, not {terminal_id}"
    return None


def not_reversed(detail: str) -> out.ReversalResult:
    """Nothing was sent."""
    return out.ReversalResult(out.ReversalOutcome.NOT_REVERSED, detail, asked=False)


def reversal(ending: Ending, told: list[out.TransactionReceipt], lines: ReceiptLines) -> out.ReversalResult:
    """Of 06 30. "Already reversed" counts as reversed."""
    said = _with_text(told, lines)
    code = said.result_code if ending.code is None and said is not None else ending.code
    if ending.code == codes.ALREADY_REVERSED:
        return out.ReversalResult(out.ReversalOutcome.REVERSED, "already reversed", ending.code, said)
    if _succeeded(ending, said):
        return out.ReversalResult(out.ReversalOutcome.REVERSED, "reversed", 0, said)
    kind = out.ReversalOutcome.NOT_REVERSED if _failed(ending, said) else out.ReversalOutcome.UNKNOWN
    return out.ReversalResult(kind, describe(ending), code, said)


def refund(ending: Ending, told: list[out.TransactionReceipt], lines: ReceiptLines) -> out.RefundResult:
    """Of 06 31."""
    said = _with_text(told, lines)
    if _succeeded(ending, said):
        return out.RefundResult(out.RefundOutcome.REFUNDED, "refunded", 0, said)
    kind = out.RefundOutcome.NOT_REFUNDED if _failed(ending, said) else out.RefundOutcome.UNKNOWN
    return out.RefundResult(kind, describe(ending), ending.code, said)


def end_of_day(ending: Ending, told: list[Apdu], lines: ReceiptLines) -> out.EndOfDayResult:
    """Of 06 50. The total is that of 04 0F, or the sum of its parts where only those are told."""
    account = next((each for each in map(fields.day_totals, told) if each is not None), None)
    done = ending.end is End.COMPLETED
    detail = "closed" if done else describe(ending)
    # It said no, and no totals either. After totals, or after silence, it may have closed all the same.
    certain = done or (ending.end in (End.REFUSED, End.ABORTED, End.NOT_UNDERSTOOD) and account is None)
    if account is None:
        return out.EndOfDayResult(done, detail, ending.code, None, lines.everything, certain=certain)
    return out.EndOfDayResult(
        done,
        detail,
        ending.code,
        account.total_cents,
        lines.everything,
        account.parts,
        account.first_receipt,
        account.last_receipt,
        certain,
    )


def upkeep(ending: Ending, lines: ReceiptLines) -> out.UpkeepResult:
    """Of 06 70, 06 91 and 06 93."""
    done = ending.end in (End.COMPLETED, End.ACCEPTED)
    return out.UpkeepResult(done, "done" if done else describe(ending), ending.code, lines.everything)


def _with_text(told: list[out.TransactionReceipt], lines: ReceiptLines) -> out.TransactionReceipt | None:
    return replace(told[-1], **lines.texts()) if told else None


def _succeeded(ending: Ending, said: out.TransactionReceipt | None) -> bool:
    return ending.end is End.COMPLETED and _approved(said)


def _failed(ending: Ending, said: out.TransactionReceipt | None) -> bool:
    return ending.end is End.REFUSED or bool(ending.end is End.ABORTED and ending.code and not _approved(said))


def _approved(said: out.TransactionReceipt | None) -> bool:
    return said is not None and said.result_code == 0
