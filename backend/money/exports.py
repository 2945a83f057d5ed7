"""Bookings as files for the accountant: a CSV as spreadsheets in Belgium read it, and a statement as camt.053.

No names and no numbers of people: a booking is known by its ticket's code and the terminal's receipt.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from xml.etree import ElementTree as ET

from backend.fleet.models import Municipality
from backend.money.books import BRUSSELS, Booking, Day

# ISO 20022, Bank to Customer Statement. Version 2 is the one that Belgian banks hand out and accountants' programs
# read; a CODA of the same statements is made of it by those programs.
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
_HEADINGS = ("day", "time", "amount", "code", "means", "where", "terminal", "receipt", "trace")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Booking]) -> str:
    """One line for each booking, the amount with a decimal comma, fields apart by semicolons, UTF-8 with its mark."""
    file = io.StringIO()
    file.write("\ufeff")
    lines = csv.writer(file, delimiter=";", lineterminator="\r\n")
    lines.writerow(_HEADINGS)
    for one in rows:
        moment = one.at.astimezone(BRUSSELS)
        amount = f"{'-' if one.cents < 0 else ''}{abs(one.cents) // 100},{abs(one.cents) % 100:02d}"
        words = [_harmless(word) for word in (one.code, one.means, one.where, one.terminal, one.receipt, one.trace)]
        lines.writerow([f"{moment:%d/%m/%Y}", f"{moment:%H:%M:%S}", amount, *words])
    return file.getvalue()


def as_camt(municipality: Municipality, days: Sequence[Day], first: date, last: date, now: datetime) -> str:
    """A camt.053 document with a statement for each day. The account is the kiosks' clearing account.

    It begins at 0 on the first day and runs on: a day's closing balance is the next one's opening balance.
    """
    root = ET.Element("Document", {"xmlns": CAMT})
    whole = ET.SubElement(root, "BkToCstmrStmt")
    header = ET.SubElement(whole, "GrpHdr")
    _text(header, "MsgId", f"LOKET-{municipality.pk[:12]}-{first:%Y%m%d}-{last:%Y%m%d}"[:35])
    _text(header, "CreDtTm", now.astimezone(BRUSSELS).isoformat(timespec="seconds"))
    balance = 0
    for day in sorted(days, key=lambda one: one.day):
        if day.bookings:
            balance = _statement(whole, municipality, day, balance, now)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _statement(parent: ET.Element, municipality: Municipality, day: Day, opening: int, now: datetime) -> int:
    statement = ET.SubElement(parent, "Stmt")
    _text(statement, "Id", f"{day.day:%Y%m%d}-{municipality.pk}"[:35])
    _text(statement, "ElctrncSeqNb", f"{day.day:%Y%j}")
    _text(statement, "CreDtTm", now.astimezone(BRUSSELS).isoformat(timespec="seconds"))
    account = ET.SubElement(statement, "Acct")
    _text(account, "Id/Othr/Id", f"LOKET-{municipality.pk}"[:34])
    _text(account, "Ccy", "EUR")
    closing = opening + day.total
    _balance(statement, "OPBD", opening, day.day)
    _balance(statement, "CLBD", closing, day.day)
    for one in day.bookings:
        _entry(statement, one)
    return closing


def _balance(statement: ET.Element, code: str, cents: int, day: date) -> None:
    balance = ET.SubElement(statement, "Bal")
    _text(balance, "Tp/CdOrPrtry/Cd", code)
    _amount(balance, cents)
    _text(balance, "Dt/Dt", day.isoformat())


def _entry(statement: ET.Element, one: Booking) -> None:
    entry = ET.SubElement(statement, "Ntry")
    _amount(entry, one.cents)
    _text(entry, "Sts", "BOOK")
    _text(entry, "BookgDt/Dt", one.day.isoformat())
    _text(entry, "ValDt/Dt", one.day.isoformat())
    _text(entry, "AcctSvcrRef", "-".join(filter(None, (one.terminal, one.receipt, one.trace))) or one.where[:35])
    # Customer card transactions: point of sale payment, or its reversal.
    code = ET.SubElement(ET.SubElement(entry, "BkTxCd"), "Domn")
    _text(code, "Cd", "PMNT")
    _text(code, "Fmly/Cd", "MCRD")
    _text(code, "Fmly/SubFmlyCd", "POSP" if one.cents > 0 else "RIMB")
    details = ET.SubElement(ET.SubElement(entry, "NtryDtls"), "TxDtls")
    _text(details, "Refs/EndToEndId", one.code)
    _text(details, "RmtInf/Ustrd", f"{one.code} {one.means} {one.where}"[:140])


def _amount(parent: ET.Element, cents: int) -> None:
    amount = ET.SubElement(parent, "Amt", {"Ccy": "EUR"})
    amount.text = f"{abs(cents) // 100}.{abs(cents) % 100:02d}"
    _text(parent, "CdtDbtInd", "CRDT" if cents >= 0 else "DBIT")


def _text(parent: ET.Element, path: str, text: str) -> None:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text


def _harmless(word: str) -> str:
    """A spreadsheet takes no word for a formula."""
    return f"'{word}" if word.startswith(_FORMULA) else word
