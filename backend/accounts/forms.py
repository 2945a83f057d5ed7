"""What is asked about an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import Staff
from backend.accounts.roles import Role
from backend.fleet.models import Municipality

# An @ is in the names of accounts that come through a municipality's own login, and in no others.
_NAME = RegexValidator(r"^[a-z0-9._-]{2,60}$", _("2 to 60 small letters, digits, dots and dashes."))


class AccountForm(forms.ModelForm):
    """A name, a role, and for the platform's people a municipality."""

    class Meta:
        """Of an account."""

        model = Staff
        fields = ("username", "first_name", "last_name", "role", "municipality")
        labels = {
            "username": _("Name to log in with"),
            "first_name": _("First name"),
            "last_name": _("Surname"),
            "role": _("Role"),
            "municipality": _("Municipality"),
        }
        help_texts = {"username": ""}

    def __init__(self, *args: Any, by: Staff, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._by = by
        self.fields["username"].validators = [_NAME]
        if self.instance.pk is not None:
            del self.fields["username"]
        if by.role == Role.PLATFORM:
            self.fields["municipality"].queryset = Municipality.objects.order_by("name")
        else:
            del self.fields["municipality"]
            self.fields["role"].choices = [choice for choice in Role.choices if choice[0] != Role.PLATFORM]

    def clean(self) -> dict[str, Any]:
        """An account belongs to the municipality of who makes it, but for the platform's people, who choose."""
        fields = super().clean()
        role = fields.get("role")
        if self._by.role != Role.PLATFORM:
            self.instance.municipality = self._by.municipality
        elif role == Role.PLATFORM:
            fields["municipality"] = None
        elif role and not fields.get("municipality"):
            self.add_error("municipality", _("This role needs a municipality."))
        return fields
