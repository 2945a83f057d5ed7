"""The simulated cards by name: people's cards personalised and signed, and the ones that are trouble."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image, ImageDraw, ImageFilter

from hardware.simulators.card.badges import BADGE_TITLES, Badges
from hardware.simulators.card.chip import VirtualChip
from hardware.simulators.card.contacts import Chip
from hardware.simulators.card.generations import BANK_ATR, FOREIGN_ATR, LIBRARY_ATR, MAKES, Generation
from hardware.simulators.card.people import PEOPLE, Person
from hardware.simulators.card.pki import TestPki

TITLES: dict[str, str] = {
    "amina": "A card: Amina, Dutch",
    "joao": "EU card: João, French, a long name",
    "oksana": "F+ card: Oksana, German",
    "yusuf": "K card: Yusuf, birth year only",
    "fatou": "B card: Fatou, French, applet 1.1",
    "ioana": "F card: Ioana, Dutch, applet 1.7 re-keyed to P-384",
    "leila": "A card: Leila, Dutch, applet 1.8",
    "carlos": "EU card: Carlos, French, applet 1.8",
    "grace": "F+ card: Grace, German, applet 1.8",
    "clone": "a copy of Leila's card on another chip",
    "expired": "A card, expired",
    "belgian": "a Belgian's eID",
    "child": "a child's own A card",
    "kids-id": "a Belgian child's Kids-ID",
    "future": "A card, not valid yet",
    "tomorrow": "a document type that nobody knows yet",
    "forged": "A card with one byte changed",
    "foreign-root": "A card, well made by a stranger's authority",
    "bank": "a bank card",
    "foreign-id": "an identity card of another country",
    "library": "a library card: a chip that nobody knows",
    "mute": "upside down: no answer",
    **BADGE_TITLES,
}

ADDRESS_FILE_SIZE = 117

# What cards of other kinds are known by: EMV Book 1 §12.2, a payment scheme's own name, ICAO 9303-10 §3.
PAYMENT_DIRECTORY = b"1PAY.SYS.DDF01"
BANCONTACT = bytes.fromhex("D0560006661110")
TRAVEL_DOCUMENT = bytes.fromhex("A0000002471001")


class UnknownCard(ValueError):
    """No card of this name; the message lists those there are."""


class Deck:
    """All cards of one test authority, on one day."""

    def __init__(self, pki: TestPki, today: date):
        self._pki = pki
        self._today = today
        self.badges = Badges(pki, today)

    def card(self, name: str) -> Chip:
        """A new card of this name. Raises UnknownCard."""
        if name in PEOPLE:
            return self.personalise(PEOPLE[name])
        if name in BADGE_TITLES:
            return self.badges.chip(name)
        match name:
            case "forged":
                files = card_files(PEOPLE["amina"], self._pki, self._today)
                identity = files["3F00DF014031"]
                return VirtualChip({**files, "3F00DF014031": identity.replace(b"Benali", b"Benala")})
            case "foreign-root":
                stranger = TestPki.generate(self._today)
                return VirtualChip(card_files(PEOPLE["amina"], stranger, self._today))
            case "clone":
                return self.personalise(PEOPLE["leila"], copied=True)
            case "bank":
                return VirtualChip({}, atr=BANK_ATR, applications=(PAYMENT_DIRECTORY, BANCONTACT))
            case "foreign-id":
                return VirtualChip({}, atr=FOREIGN_ATR, applications=(TRAVEL_DOCUMENT,))
            case "library":
                return VirtualChip({}, atr=LIBRARY_ATR)
            case "mute":
                return VirtualChip({}, atr=None)
        raise UnknownCard(f"no card {name!r}; there are {', '.join(TITLES)}")

    def personalise(self, person: Person, *, copied: bool = False) -> VirtualChip:
        """A card for this person. A copied one has all the files of the original and, of necessity, another key."""
        make = MAKES[person.generation]
        key = ec.generate_private_key(ec.SECP384R1()) if make.has_basic_key else None
        return VirtualChip(
            card_files(person, self._pki, self._today, basic_key=basic_key_file(key) if key else b""),
            atr=make.atr,
            chip_number=_chip_number(person),
            card_data=make.card_data,
            basic_key=ec.generate_private_key(ec.SECP384R1()) if copied else key,
        )


def card_files(
    person: Person, pki: TestPki, today: date, *, photo: bytes | None = None, basic_key: bytes = b""
) -> dict[str, bytes]:
    """The files of a signed card by path. `basic_key` is EF 4040, on 1.8 only."""
    photo = portrait(person) if photo is None else photo
    identity = identity_file(person, today, photo, basic_key)
    return sign_files(identity, address_file(person), photo, pki, generation=person.generation, basic_key=basic_key)


def sign_files(
    identity: bytes,
    address: bytes,
    photo: bytes,
    pki: TestPki,
    *,
    generation: Generation = Generation.V1_7,
    basic_key: bytes = b"",
    signature_sizes: tuple[int, int] | None = None,
) -> dict[str, bytes]:
    """Signatures and certificates around given content.

    The address signature covers no padding of the address, and all the padding of the identity signature.
    """
    make = MAKES[generation]
    authority = pki.authority(make.register)
    size, address_size = signature_sizes or (make.signature_size, make.signature_size)
    signature = authority.sign(identity).ljust(size, b"\x00")
    padding = bytes(make.certificate_padding)
    files = {
        "3F00DF014031": identity,
        "3F00DF014032": signature,
        "3F00DF014033": address,
        "3F00DF014034": authority.sign(address.rstrip(b"\x00") + signature).ljust(address_size, b"\x00"),
        "3F00DF014035": photo,
        "3F00DF00503B": authority.root + padding,
        "3F00DF00503C": authority.register + padding,
    }
    return {**files, "3F00DF014040": basic_key} if basic_key else files


def basic_key_file(key: ec.EllipticCurvePrivateKey) -> bytes:
    """EF 4040: the public key that INTERNAL AUTHENTICATE proves, 120 bytes."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def identity_file(person: Person, today: date, photo: bytes, basic_key: bytes = b"") -> bytes:
    """Tags in ascending order; the structure version of 1.8 and the empty 1A to 1C of foreigners' 1.7 cards too."""
    make = MAKES[person.generation]
    begin, end = person.validity(today)
    female = {"nl": "V", "fr": "F", "de": "W"}[person.language]
    values: dict[int, bytes | str] = (
        {0x00: b"\x00\x02"} if make.has_structure_version and person.structure_version else {}
    )
    values |= {
        0x01: person.card_number,
        0x02: _chip_number(person),
        0x03: f"{begin:%d.%m.%Y}",
        0x04: f"{end:%d.%m.%Y}",
        0x05: person.municipality,
        0x06: person.national_number(today),
        0x07: person.surname,
        0x08: person.first_names,
        0x09: person.third_initial,
        0x0A: person.nationality,
        0x0B: person.birth_place,
        0x0C: person.birth_text(today),
        0x0D: female if person.female else "M",
        0x0E: "",
        0x0F: person.document,
        0x10: "0",
        0x11: hashlib.new(make.photo_digest, photo, usedforsecurity=False).digest(),
    }
    if make.has_basic_key:
        values |= {0x1A: hashlib.sha384(basic_key).digest()}
    elif person.generation is Generation.V1_7 and not person.is_belgian:
        values |= {0x1A: "", 0x1B: "", 0x1C: ""}
    if person.since is not None:
        registered = date.fromordinal(today.toordinal() - person.since)
        values[0x1F] = f"{registered:%d.%m.%Y}"
    return elements(values)


def address_file(person: Person) -> bytes:
    """Padded with zeros to the size of the file."""
    content = elements({0x01: person.street, 0x02: person.postcode, 0x03: person.municipality})
    return content.ljust(ADDRESS_FILE_SIZE, b"\x00")


def elements(values: Mapping[int, bytes | str]) -> bytes:
    """Tag, length with FF continuation, value."""
    out = bytearray()
    for tag, value in values.items():
        data = value.encode() if isinstance(value, str) else value
        out.append(tag)
        length = len(data)
        while length >= 255:
            out.append(255)
            length -= 255
        out.append(length)
        out += data
    return bytes(out)


def portrait(person: Person) -> bytes:
    """A drawn head and shoulders, grey JPEG of the size of its time; the same person always looks the same."""
    seed = hashlib.sha256(person.card_number.encode()).digest()
    image = Image.new("L", (140, 200), 205 + seed[0] % 30)
    draw = ImageDraw.Draw(image)
    width, hair = 40 + seed[1] % 8, 30 + seed[2] % 90
    draw.ellipse((70 - width - 18, 150, 70 + width + 18, 280), fill=90 + seed[3] % 70)  # shoulders
    draw.rectangle((58, 130, 82, 165), fill=160)  # neck
    if person.female:
        draw.ellipse((64 - width, 36, 76 + width, 168), fill=hair)
    draw.ellipse((66 - width, 40, 74 + width, 110), fill=hair)
    draw.ellipse((72 - width, 52, 68 + width, 146), fill=175 + seed[4] % 25)  # face
    for eye in (54, 86):
        draw.ellipse((eye - 5, 90, eye + 5, 98), fill=245)
        draw.ellipse((eye - 3, 91, eye + 3, 97), fill=40)
    draw.line((70, 98, 67, 114, 72, 115), fill=140, width=2)
    draw.arc((57, 112, 83, 130), 20, 160, fill=90, width=3)
    out = io.BytesIO()
    image = image.filter(ImageFilter.GaussianBlur(0.8)).resize(MAKES[person.generation].photo_pixels)
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _chip_number(person: Person) -> bytes:
    return hashlib.sha256(b"chip " + person.card_number.encode()).digest()[:16]
