"""The kinds of journal entries in words, for those who look at what a kiosk recorded."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENTRIES: dict[str, Promise] = {
    "visit_started": _("visit begun"),
    "visit_closed": _("visit ended"),
    "request_made": _("request confirmed"),
    "slot_booked": _("appointment booked"),
    "slot_released": _("appointment given back"),
    "payment_intent": _("payment about to begin"),
    "payment_sent": _("asked of the terminal"),
    "payment_approved": _("approved by the terminal"),
    "payment_paid": _("paid"),
    "payment_not_paid": _("not paid"),
    "payment_unknown": _("not known whether paid"),
    "payment_approved_late": _("approved after a no"),
    "payment_reversing": _("asked to give it back"),
    "payment_reversed": _("given back"),
    "payment_not_reversed": _("not given back"),
    "payment_due": _("to be paid at the desk"),
    "day_closing": _("end of day asked for"),
    "day_closed": _("terminal closed its day"),
    "day_not_closed": _("terminal did not close its day"),
    "ticket_issued": _("ticket signed"),
    "print_started": _("printing begun"),
    "print_failed": _("printing failed"),
    "ticket_delivered": _("ticket is out"),
    "case_opened": _("case opened"),
    "case_closed": _("case closed"),
    "card_refused": _("card refused"),
    "appointment_chosen": _("another time chosen"),
    "appointment_cancelled": _("appointment cancelled"),
    "service_changed": _("in service or out of it"),
    "staff_entered": _("staff opened service mode"),
    "staff_left": _("staff left service mode"),
    "staff_refused": _("staff were refused"),
    "setting_changed": _("setting changed"),
    "paper_refilled": _("new roll put in"),
    "paper_printed": _("paper printed"),
    "device_checked": _("device tested"),
    "device_cleaned": _("device cleaned"),
    "readiness_reported": _("readiness reported"),
    "order_taken": _("order taken"),
    "order_answered": _("order answered"),
}
