"""A line of a desk's weekly hours."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from backend.appointments.models import Desk, OpeningHours
from backend.fleet.models import Municipality


class HoursForm(forms.ModelForm):
    """When a desk is open on a day of the week, and how long a time there is."""

    weekday = forms.TypedChoiceField(coerce=int, choices=list(WEEKDAYS.items()), label=_("Day of the week"))
    slot_minutes = forms.IntegerField(min_value=5, max_value=240, initial=20, label=_("Minutes of a time"))

    class Meta:
        """Of opening hours."""

        model = OpeningHours
        fields = ("desk", "weekday", "opens", "closes", "slot_minutes")
        labels = {"desk": _("Desk"), "opens": _("Opens"), "closes": _("Closes")}
        widgets = {"opens": forms.TimeInput(attrs={"type": "time"}), "closes": forms.TimeInput(attrs={"type": "time"})}

    def __init__(self, municipality: Municipality, *args: Any):
        super().__init__(*args)
        self.fields["desk"].queryset = Desk.objects.filter(municipality=municipality).order_by("name")

    def clean(self) -> dict[str, Any]:
        """A desk opens before it closes, and one line does not lie across another."""
        fields = super().clean()
        opens, closes = fields.get("opens"), fields.get("closes")
        if opens is None or closes is None or "desk" not in fields or "weekday" not in fields:
            return fields
        if opens >= closes:
            self.add_error("closes", _("It closes before it opens."))
        lines = OpeningHours.objects.filter(desk=fields["desk"], weekday=fields["weekday"])
        if lines.filter(opens__lt=closes, closes__gt=opens).exists():
            self.add_error("opens", _("This lies across hours that are there already."))
        return fields
