"""Frames of the facts sheet (chapters 2.1 and 2.10), as bytes on the line."""

READY_FRAMES = {
    "ack 80 00 00": "10 02 80 00 00 10 03 f5 1f",
    "84 00 00": "10 02 84 00 00 10 03 19 6d",
    "84 9C 00": "10 02 84 9c 00 10 03 c3 41",
    "84 66 00": "10 02 84 66 00 10 03 8d be",
    "84 83 00": "10 02 84 83 00 10 03 91 8e",
    "register BE": "10 02 06 00 0e 00 00 00 be 09 78 06 06 26 04 0a 02 06 d3 10 03 63 2a",
    "register 3E": "10 02 06 00 0a 00 00 00 3e 09 78 03 01 06 00 10 03 ea 9b",
    "pay 1.00": "10 02 06 01 07 04 00 00 00 00 01 00 10 03 2b 4e",
    "pay 1.00, type 40": "10 02 06 01 0c 04 00 00 00 00 01 00 49 09 78 19 40 10 03 85 5b",
    "pay 2.50, goods 60 s": "10 02 06 01 0e 04 00 00 00 00 02 50 49 09 78 19 40 01 3c 10 03 ac ff",
    "status enquiry": "10 02 05 01 03 00 00 00 10 03 df db",
    "last result": "10 02 06 20 05 00 00 00 03 03 10 03 db 15",
    "reversal of 0231": "10 02 06 30 06 00 00 00 87 02 31 10 03 d8 af",
    "abort": "10 02 06 b0 00 10 03 43 f3",
    "log-off": "10 02 06 02 00 10 03 b9 cc",
    "end of day": "10 02 06 50 03 00 00 00 10 03 fb 37",
    "completion": "10 02 06 0f 00 10 03 c6 33",
    "abort 6C": "10 02 06 1e 01 6c 10 03 c9 f2",
    "status ok": "10 02 04 0f 02 27 00 10 03 83 fe",
    "status 6C": "10 02 04 0f 02 27 6c 10 03 76 32",
    "insert card": "10 02 04 ff 01 0a 10 03 f5 7d",
}

# Authorisations whose CRC bytes look like something else: cents → CRC.
CRC_TRAPS = {12729: "06 15", 16074: "10 02", 25308: "10 03", 45974: "10 10", 184255: "03 10"}


def undouble(wire: bytes) -> bytes:
    """The APDU in a frame, cut out by hand."""
    return wire[2:-4].replace(b"\x10\x10", b"\x10")
