"""Names of numbers: commands, intermediate statuses, results, conditions and card types (PA00P015 rev. 13.08).

The words are this project's own, short and for technicians. What a citizen reads comes from the catalogues, chosen by
`hardware.terminal.outcome.Message`.
"""

from __future__ import annotations

from hardware.terminal.outcome import Message

COMMANDS: dict[int, str] = {
    0x0401: "set time in the till",
    0x040D: "input request",
    0x040E: "menu request",
    0x040F: "status information",
    0x04FF: "intermediate status",
    0x0501: "status enquiry",
    0x0600: "registration",
    0x0601: "authorisation",
    0x0602: "log-off",
    0x0603: "account balance",
    0x060F: "completion",
    0x0610: "turnover totals",
    0x0612: "print turnover receipts",
    0x0618: "reset terminal",
    0x061A: "print system configuration",
    0x061B: "set terminal id",
    0x061E: "abort by the terminal",
    0x0620: "repeat receipt",
    0x0621: "telephonic authorisation",
    0x0622: "pre-authorisation",
    0x0623: "partial reversal of a pre-authorisation",
    0x0624: "book total",
    0x0625: "reversal of a pre-authorisation",
    0x0630: "reversal",
    0x0631: "refund",
    0x0650: "end of day",
    0x0651: "send offline transactions",
    0x0670: "diagnosis",
    0x0679: "self-test",
    0x0691: "set date and time in the terminal",
    0x0693: "initialisation",
    0x0695: "change password",
    0x06B0: "abort",
    0x06C0: "read card",
    0x06D1: "print line",
    0x06D3: "print block",
    0x06D8: "dial-up",
    0x06D9: "transmit data over dial-up",
    0x06DA: "receive data over dial-up",
    0x06DB: "hang up",
    0x06DD: "transparent mode",
    0x06E0: "display text",
    0x06E1: "display text with keys",
    0x06E2: "display text with numeric input",
    0x06E3: "PIN verification",
    0x06F0: "display image",
    0x0801: "service mode",
    0x0802: "switch protocol",
    0x0810: "software update",
    0x0811: "read file",
    0x0812: "delete file",
    0x0813: "configuration of OPT",
    0x0814: "write file",
    0x0820: "start OPT action",
    0x0821: "set OPT point in time",
    0x0822: "start OPT pre-initialisation",
    0x0823: "output OPT data",
    0x0824: "OPT out of order",
    0x0830: "select language",
    0x0840: "change baud rate",
    0x0850: "card reader on or off",
    0x8000: "accepted",
}

INTERMEDIATE: dict[int, str] = {
    0x00: "waiting for confirmation of the amount",
    0x01: "look at the PIN pad",
    0x02: "look at the PIN pad",
    0x03: "not accepted",
    0x04: "waiting for the host",
    0x05: "automatic reversal running",
    0x06: "post-bookings running",
    0x07: "card not admitted",
    0x08: "card unknown",
    0x09: "card expired",
    0x0A: "insert card",
    0x0B: "remove card",
    0x0C: "card unreadable",
    0x0D: "processing error",
    0x0E: "please wait",
    0x0F: "automatic end of day",
    0x10: "card invalid",
    0x11: "balance",
    0x12: "malfunction",
    0x13: "payment not possible",
    0x14: "credit not sufficient",
    0x15: "wrong PIN",
    0x16: "limit not sufficient",
    0x17: "please wait",
    0x18: "PIN tries used up",
    0x19: "card data wrong",
    0x1A: "service mode",
    0x1B: "approved, fuel",
    0x1C: "approved, take the goods",  # not proof of payment: only the status information is
    0x1D: "declined",
    0x26: "waiting for a mobile number",
    0x27: "waiting for the mobile number again",
    0x28: "choose the currency",
    0x29: "choose the language",
    0x2A: "insert card to load it",
    0x2B: "offline emergency mode",
    0x2C: "choose the application",
    0x66: "waiting for a mobile number; remove card",
    0x67: "waiting for the mobile number again; remove card",
    0x68: "card detected",
    0x69: "choose the currency conversion",
    0xC7: "mileage",
    0xC8: "waiting for the cashier",
    0xC9: "automatic diagnosis",
    0xCA: "automatic initialisation",
    0xCB: "merchant journal full",
    0xCC: "debit advice not possible, PIN needed",
    0xD2: "dialling",
    0xD3: "connection set up",
    0xE0: "choose",
    0xE1: "choose",
    0xE2: "use the cleaning card",
    0xF1: "offline",
    0xF2: "online",
    0xF3: "offline transaction",
    0xFF: "the terminal's own text",
}

RESULTS: dict[int, str] = {
    0x00: "approved",
    0x64: "card unreadable",
    0x65: "no card data",
    0x66: "processing error",
    0x67: "not possible for debit cards",
    0x68: "not possible for credit cards",
    0x6A: "turnover file full",
    0x6B: "terminal not registered",
    0x6C: "stopped by key or time-out",
    0x6E: "card blocked",
    0x6F: "wrong currency",
    0x71: "credit not sufficient",
    0x72: "chip fault",
    0x73: "card data wrong",
    0x74: "keys used up",
    0x75: "text not authentic",
    0x76: "card not in the white list",
    0x77: "end of day not possible",
    0x78: "card expired",
    0x79: "card not yet valid",
    0x7A: "card unknown",
    0x7B: "fallback not possible",
    0x7C: "fallback not possible, chip faulty",
    0x7D: "communication module",
    0x7E: "fallback not possible",
    0x83: "not possible",
    0x85: "key missing",
    0x89: "PIN pad",
    0x9A: "protocol error",
    0x9B: "communication fault",
    0x9C: "please wait",
    0x9D: "partial issue of goods",
    0xA0: "receiver not ready",
    0xA1: "remote station silent",
    0xA3: "no connection",
    0xA5: "not allowed",
    0xB1: "memory full",
    0xB2: "journal full",
    0xB4: "already reversed",
    0xB5: "reversal not possible",
    0xB7: "pre-authorisation amount",
    0xB8: "pre-authorisation error",
    0xBF: "power too low",
    0xC0: "locked",
    0xC1: "merchant card",
    0xC2: "diagnosis needed",
    0xC3: "above the highest amount",
    0xC4: "profile",
    0xC5: "payment method",
    0xC6: "currency",
    0xC8: "below the lowest amount",
    0xC9: "above the highest amount",
    0xCC: "printer not ready",
    0xCD: "cashback",
    0xD2: "service cards",
    0xDC: "card inserted",
    0xDD: "card ejected",
    0xDE: "card insertion error",
    0xDF: "service call",
    0xE0: "remote maintenance",
    0xE1: "card not fully out",
    0xE2: "card reader",
    0xE3: "shutter",
    0xE4: "activation needed",
    0xED: "PIN pad",
    0xF0: "end of day needed",
    0xF5: "OPT not possible",
    0xF6: "OPT needed",
    0xFA: "clearing",
    0xFB: "storage",
    0xFC: "device",
    0xFD: "baud rate",
    0xFE: "register",
    0xFF: "other error",
}

# The condition that 05 01 answers with; the same numbers mean other things in a result.
TERMINAL_CONDITIONS: dict[int, str] = RESULTS | {
    0x00: "ready",
    0x51: "initialisation needed",
    0x62: "date wrong",
    0xB1: "memory full, end of day needed",
    0xB2: "journal full, end of day needed",
    0xC4: "software update needed",
    0xFC: "restarting",
}

CARD_TYPES: dict[int, str] = {
    5: "girocard",
    6: "Mastercard",
    8: "American Express",
    9: "debit advice",
    10: "Visa",
    11: "Visa Electron",
    12: "Diners",
    13: "V PAY",
    14: "JCB",
    46: "Maestro",
    87: "Bancontact",
    198: "UnionPay",
    232: "Discover",
    260: "BlueCode",
}

CARD_TYPE_IN_TAG = 0xFF  # of BMP 8A: the type is in tag 41

# 55 decimal, the host's "wrong PIN": a fresh PIN prompt and a second status information may follow.
WRONG_PIN = 0x37
STOPPED = 0x6C
WRONG_CURRENCY = 0x6F
PLEASE_WAIT = 0x0E  # of an intermediate status
NOT_REGISTERED = 0x6B
ALREADY_REVERSED = 0xB4


def command_name(command: int) -> str:
    """A command's name; a refusal is named by its code, an unknown one by its number."""
    if command >> 8 == 0x84:
        code = command & 0xFF
        return "accepted" if code == 0 else f"refused: {result_name(code)}"
    if command >> 8 == 0x0F:
        return f"command of the terminal's maker {command & 0xFF:02x}"
    return COMMANDS.get(command, f"unknown command {command:04x}")


def result_name(code: int) -> str:
    """What a result code means."""
    if 0x01 <= code <= 0x63:
        return "declined by the network"
    return RESULTS.get(code, f"unknown result {code:02x}")


def intermediate_name(code: int) -> str:
    """What an intermediate status means; 41 to 5D are the statuses 01 to 1D with "remove card" added."""
    if 0x41 <= code <= 0x5D:
        return f"{INTERMEDIATE.get(code - 0x40, 'unknown')}; remove card"
    return INTERMEDIATE.get(code, f"unknown status {code:02x}")


# What concerns the customer: the card, the PIN, the amount, a choice, the end. The others tell a merchant of the host,
# the line, the journal or the terminal's upkeep, and have no place on an unattended display (SMART-ZVT 2.5).
_FOR_CUSTOMER = frozenset(
    {
        *(0x01, 0x02, 0x03, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, PLEASE_WAIT, 0x10, 0x13, 0x14, 0x15, 0x16, 0x17),
        *(0x18, 0x19, 0x1C, 0x1D, 0x28, 0x29, 0x2C, 0x68, 0x69, 0xE0, 0xE1, 0xFF),
    }
)


def is_for_customer(code: int) -> bool:
    """Whether an intermediate status, and the terminal's text with it, is meant for the customer."""
    return code in _FOR_CUSTOMER or (0x41 <= code <= 0x5D and code - 0x40 in _FOR_CUSTOMER)


def message_for(code: int) -> Message:
    """The picture on the kiosk's screen that fits an intermediate status."""
    if code == 0x0A:
        return Message.PRESENT_CARD
    if code in (0x01, 0x02):
        return Message.ENTER_PIN
    if code == 0x15:
        return Message.WRONG_PIN
    if code == 0x0B or 0x41 <= code <= 0x5D:
        return Message.REMOVE_CARD
    return Message.WAIT
