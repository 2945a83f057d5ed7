"""The municipality as its papers name it, in its own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.domain.profiles.profile import Desk, Profile


@dataclass(frozen=True, slots=True)
class Office:
    """Who speaks on a paper, and where its desks are.

    `desk` is the desk that speaks on top; `desks` has the names of desks that a ticket knows by their id, and
    `addresses` the address of each desk by its name. The `profile` gives a municipality's own names of procedures
    and the opening hours, where it has any. An empty `phone` is one that is not known: people are sent to the desk.
    """

    municipality: str
    desk: str
    phone: str
    desks: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    profile: Profile | None = None

    @classmethod
    def of(cls, profile: Profile, service: str = "") -> Office:
        """The office of a profile, with the desk that handles a service (or its first, for an unknown one)."""
        language = profile.languages[0]
        desks = {desk.id: desk.name_in(language) for desk in profile.desks}
        rules = next((rules for offered, rules in profile.services.items() if offered == service), None)
        desk = desks[rules.desk] if rules is not None else profile.desks[0].name_in(language)
        addresses = {desks[desk.id]: desk.address for desk in profile.desks}
        return cls(profile.name, desk, profile.phone, desks, addresses, profile)

    def desk_name(self, desk: str) -> str:
        """The name of a desk by its id; what is no id here is a name already."""
        return self.desks.get(desk, desk)

    def procedure_name(self, procedure: str) -> Mapping[str, str]:
        """The municipality's own words for a procedure; {} where the catalogue has some."""
        return self.profile.procedure_name(procedure) if self.profile is not None else {}

    def address(self, desk: str) -> str:
        """Where a desk is: its own address, or that of the desk on top, or nothing where neither is known."""
        return self.addresses.get(self.desk_name(desk)) or self.addresses.get(self.desk, "")

    def place(self, desk: str) -> str:
        """A desk's name and address on one line."""
        return ", ".join(filter(None, (self.desk_name(desk), self.address(desk))))

    def opening_hours_of(self, desk: str) -> Desk | None:
        """The profile's entry of a desk by its id or name; None where the profile does not know it."""
        if self.profile is None:
            return None
        name = self.desk_name(desk)
        return next((known for known in self.profile.desks if self.desks.get(known.id) == name), None)
