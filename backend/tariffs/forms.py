"""The question to the rules, and a new version of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kiosk.domain.card_types import CardType
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Child, Request, Service
from kiosk.domain.wire import MAX_EDITION_CHARACTERS
from kiosk.text import LANGUAGES, terms, texts


class PreviewForm(forms.Form):
    """One child, and the moment at which a parent would ask."""

    service = forms.ChoiceField(label=_("Service"))
    card_type = forms.ChoiceField(label=_("Card"), required=False)
    procedure = forms.ChoiceField(label=_("Procedure"), required=False)
    birth_date = forms.DateField(label=_("Born"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    on = forms.DateField(label=_("Asked on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))

    def __init__(self, profile: Profile, language: str, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        t = texts(language)
        self.fields["service"].choices = [(one.value, terms.service_name(t, one)) for one in profile.services]
        self.fields["card_type"].choices = [("", "–"), *((one.value, one.value) for one in profile.card_types.sold)]
        self.fields["procedure"].choices = [
            ("", "–"),
            *((name, terms.procedure_name(t, name, one.name)) for name, one in profile.procedures.items()),
        ]

    def clean_birth_date(self) -> date:
        """Within a lifetime, so that the calendar knows the day."""
        born: date = self.cleaned_data["birth_date"]
        if not 1900 <= born.year <= 2199:
            raise forms.ValidationError(_("Check the day, the month and the year."))
        return born

    def clean_on(self) -> date:
        """Not in another age."""
        day: date = self.cleaned_data["on"]
        if not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("Check the day, the month and the year."))
        return day

    def asked(self, profile: Profile) -> tuple[Request, datetime]:
        """What to ask of the rules. Only of a form that is valid."""
        said = self.cleaned_data
        service = Service(said["service"])
        rules = profile.services[service]
        card = CardType(said["card_type"]) if said["card_type"] and rules.card_type else None
        procedure = said["procedure"] or (rules.procedures[0] if rules.procedures else None)
        moment = timezone.make_aware(datetime.combine(said["on"], said["at"]))
        return Request(Child("", said["birth_date"]), service, card, procedure), moment


def first_question(profile: Profile) -> dict[str, object]:
    """An ordinary child today, to begin with."""
    now = timezone.localtime()
    service = next(iter(profile.services))
    rules = profile.services[service]
    return {
        "service": service.value,
        "card_type": profile.card_types.sold[0].value,
        "procedure": rules.procedures[0] if rules.procedures else "",
        "birth_date": now.date() - timedelta(days=365 * (rules.from_age + 6)),
        "on": now.date(),
        "at": time(10, 0),
        "language": profile.languages[0] if profile.languages[0] in LANGUAGES else "nl",
    }


class ProfileForm(forms.Form):
    """The text of a profile (docs/profiles.md)."""

    text = forms.CharField(
        label=_("Rules (TOML)"),
        max_length=MAX_EDITION_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )
