"""The identity file (3F00 DF01 4031), decoded.

Source of tags: "ID_ADRESSE_File applet 1.8" version 5. Nothing here decides whether the file is genuine; see
`hardware.smartcard.verification`. What cannot be understood is kept and warned of, never dropped or guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import TypeVar

from stdnum.be import bis, nn
from stdnum.exceptions import ValidationError

from hardware.smartcard import fields, tlv
from hardware.smartcard.errors import DecodeError, DecodeReason

_EnumT = TypeVar("_EnumT", bound=Enum)


class ContentWarning(StrEnum):
    """Something odd about the content that does not make the card unreadable."""

    NATIONAL_NUMBER_CHECK = "national-number-check"  # most specimen cards have a wrong one
    CARD_NUMBER_CHECK = "card-number-check"
    BIRTH_DATE_FORM = "birth-date-form"
    VALIDITY_FORM = "validity-form"
    PROTECTION_FORM = "protection-form"
    NOT_UTF8 = "not-utf8"
    REPEATED_TAG = "repeated-tag"
    UNKNOWN_CODE = "unknown-code"  # an enumerated field with a code that no list has
    UNKNOWN_DOCUMENT = "unknown-document"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """What the card says of its holder. None or "" where the card says nothing.

    `raw` has every element of the file by tag, unknown ones too. The representation shows no personal data,
    so that an object that strays into a log tells nobody's name.
    """

    surname: str
    first_names: str  # the first two, in one field; may be empty
    third_name_initial: str
    national_number: str  # 11 digits as on the chip
    birth_date: fields.BirthDate | None
    birth_date_text: str
    birth_place: str
    sex: fields.Sex | None
    nationality: str
    nobility: str
    card_number: str
    chip_number: bytes
    issuing_municipality: str
    valid_from: date | None
    valid_until: date | None
    document: fields.DocumentType
    special_status: fields.SpecialStatus | None
    special_organisation: fields.SpecialOrganisation | None
    photo_hash: bytes
    duplicate: str
    member_of_family: bool
    protection: fields.Protection | None
    work_permit: fields.WorkPermit | None
    employer_vat: tuple[str, ...]
    regional_file_number: str
    basic_key_hash: bytes  # empty below applet 1.8, even where the tag is there
    brexit_agreement: bool  # tag 1B: Article 18(1) of the withdrawal agreement
    brexit_permanent: bool  # tag 1C
    stay_reasons: tuple[fields.StayReason, ...]
    eu_start: date | None
    warnings: frozenset[ContentWarning]
    raw: Mapping[int, bytes] = field(hash=False)

    def __repr__(self) -> str:
        return f"<Identity of a {self.document.name} card>"

    @property
    def unknown(self) -> dict[int, bytes]:
        """Elements that no list knows."""
        return {tag: value for tag, value in self.raw.items() if tag > _LAST_KNOWN_TAG}

    @property
    def language(self) -> fields.Language | None:
        """The language the card is written in, where the month word tells just one."""
        languages = self.birth_date.languages if self.birth_date else frozenset()
        return next(iter(languages)) if len(languages) == 1 else None

    def as_json(self) -> dict[str, object]:
        """Every field by name; bytes as hexadecimal, dates as ISO 8601."""
        return {
            "surname": self.surname,
            "first_names": self.first_names,
            "third_name_initial": self.third_name_initial,
            "national_number": self.national_number,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "birth_date_text": self.birth_date_text,
            "birth_place": self.birth_place,
            "sex": self.sex,
            "nationality": self.nationality,
            "nobility": self.nobility,
            "card_number": self.card_number,
            "chip_number": self.chip_number.hex(),
            "issuing_municipality": self.issuing_municipality,
            "valid_from": _iso(self.valid_from),
            "valid_until": _iso(self.valid_until),
            "special_status": self.special_status.name.lower() if self.special_status is not None else None,
            "special_organisation": self.special_organisation.name.lower() if self.special_organisation else None,
            "photo_hash": self.photo_hash.hex(),
            "duplicate": self.duplicate,
            "member_of_family": self.member_of_family,
            "protection": self.protection.as_json() if self.protection else None,
            "work_permit": self.work_permit.name.lower() if self.work_permit else None,
            "employer_vat": list(self.employer_vat),
            "regional_file_number": self.regional_file_number,
            "basic_key_hash": self.basic_key_hash.hex(),
            "brexit_agreement": self.brexit_agreement,
            "brexit_permanent": self.brexit_permanent,
            "stay_reasons": [reason.name.lower() for reason in self.stay_reasons],
            "eu_start": _iso(self.eu_start),
            "language": self.language,
            "unknown": {f"{tag:02X}": value.hex() for tag, value in self.unknown.items()},
            "warnings": sorted(self.warnings),
        }


_LAST_KNOWN_TAG = 0x1F


def decode(data: bytes) -> Identity:
    """Decode the identity file as read. Raises DecodeError when it is empty or an element is cut short."""
    elements = tlv.parse(data)
    if not elements:
        raise DecodeError(DecodeReason.EMPTY)
    return _Decoder(elements).identity()


class _Decoder:
    """Takes fields out of elements and gathers the warnings on the way."""

    def __init__(self, elements: tuple[tlv.Element, ...]):
        self.warnings: set[ContentWarning] = set()
        self.raw: dict[int, bytes] = {}
        for element in elements:
            if element.tag in self.raw:
                self.warnings.add(ContentWarning.REPEATED_TAG)  # the first one counts
            self.raw.setdefault(element.tag, element.value)

    def identity(self) -> Identity:
        birth_text = self.text(0x0C)
        birth = fields.birth_date(birth_text)
        self.warn_if(birth is None and bool(birth_text.strip()), ContentWarning.BIRTH_DATE_FORM)
        document = fields.DocumentType(self.text(0x0F).strip())
        self.warn_if(not document.known, ContentWarning.UNKNOWN_DOCUMENT)
        national_number, card_number = self.text(0x06), self.text(0x01)
        self.warn_if(not _national_number_holds(national_number), ContentWarning.NATIONAL_NUMBER_CHECK)
        self.warn_if(not card_number_holds(card_number), ContentWarning.CARD_NUMBER_CHECK)
        protection = fields.protection(self.text(0x15))
        self.warn_if(protection is None and bool(self.text(0x15)), ContentWarning.PROTECTION_FORM)
        stays = [self.code(fields.StayReason, tag) for tag in (0x1D, 0x1E)]
        return Identity(
            surname=self.text(0x07),
            first_names=self.text(0x08),
            third_name_initial=self.text(0x09),
            national_number=national_number,
            birth_date=birth,
            birth_date_text=birth_text,
            birth_place=self.text(0x0B),
            sex=fields.sex(self.text(0x0D)),
            nationality=self.text(0x0A),
            nobility=self.text(0x0E),
            card_number=card_number,
            chip_number=self.raw.get(0x02, b""),
            issuing_municipality=self.text(0x05),
            valid_from=self.date(0x03),
            valid_until=self.date(0x04),
            document=document,
            special_status=self.code(fields.SpecialStatus, 0x10),
            special_organisation=self.code(fields.SpecialOrganisation, 0x13),
            photo_hash=self.raw.get(0x11, b""),
            duplicate=self.text(0x12),
            member_of_family=0x14 in self.raw,  # present with length 0 means yes
            protection=protection,
            work_permit=self.code(fields.WorkPermit, 0x16),
            employer_vat=tuple(vat for tag in (0x17, 0x18) if (vat := self.text(tag))),
            regional_file_number=self.text(0x19),
            basic_key_hash=self.raw.get(0x1A, b""),
            brexit_agreement=self.text(0x1B) == "B",
            brexit_permanent=self.text(0x1C) == "C",
            stay_reasons=tuple(stay for stay in stays if stay is not None),
            eu_start=self.date(0x1F),
            warnings=frozenset(self.warnings),
            raw=self.raw,
        )

    def text(self, tag: int) -> str:
        text, clean = decode_text(self.raw.get(tag, b""))
        self.warn_if(not clean, ContentWarning.NOT_UTF8)
        return text

    def date(self, tag: int) -> date | None:
        text = self.text(tag)
        value = fields.numeric_date(text)
        self.warn_if(value is None and bool(text.strip()), ContentWarning.VALIDITY_FORM)
        return value

    def code(self, kind: type[_EnumT], tag: int) -> _EnumT | None:
        text = self.text(tag).strip()
        if not text:
            return None
        try:
            return next(member for member in kind if str(member.value) == text)
        except StopIteration:  # a code of tomorrow; `raw` keeps it
            self.warnings.add(ContentWarning.UNKNOWN_CODE)
            return None

    def warn_if(self, odd: bool, warning: ContentWarning) -> None:
        if odd:
            self.warnings.add(warning)


def decode_text(value: bytes) -> tuple[str, bool]:
    """UTF-8 text without padding, and whether it was clean; broken bytes become U+FFFD."""
    try:
        return value.decode("utf-8").strip("\x00 "), True
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace").strip("\x00 "), False


def card_number_holds(number: str) -> bool:
    """Whether the check digits are right.

    Twelve digits: the first ten modulo 97, 0 written as 97. `B` and nine digits, or nine digits: the first seven
    modulo 97 — seen on all public specimens of residence cards, written down nowhere, hence only a warning.
    """
    digits = number[1:] if len(number) == 10 and number[0] == "B" else number
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (9, 12):
        return False
    return (int(digits[:-2]) % 97 or 97) == int(digits[-2:])


def _national_number_holds(number: str) -> bool:
    if not (len(number) == 11 and number.isascii() and number.isdigit()):
        return False
    for kind in (nn, bis):
        try:
            kind.validate(number)
        except ValidationError:
            continue
        return True
    return False


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
