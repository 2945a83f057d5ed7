"""What to do here, in more words. The help of each situation is one short text."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import Frame
from kiosk.visit import events
from kiosk.visit.view import Situation, View

load_layout(__file__)

_HELP: dict[Situation, str] = {
    Situation.INSERT_CARD: mark(
        "Use your own residence card, not the card of your child. Hold the card so that the chip faces down and goes"
        " in first. Push gently until it stops. Leave it there until the end."
    ),
    Situation.CARD_REFUSED: mark(
        "This kiosk only works with a valid Belgian residence card of the parent. The people at the counter can"
        " help you without a card."
    ),
    Situation.SERVICE: mark(
        "Touch what you need. Not sure? A child that never had a card needs a new card. Is the card lost or stolen?"
        " Then choose that."
    ),
    Situation.CHILD_NAME: mark(
        "Touch the letters of the first name. Only the first name is needed. For a letter with an accent, touch the"
        " letter first; the accents then appear above the keys."
    ),
    Situation.BIRTH_DATE: mark(
        "First touch the year your child was born, then the month, then the day. Wrong? Touch the year or the month"
        " above to choose again."
    ),
    Situation.QUESTION: mark(
        "Touch the answer that is true. The kiosk asks this only because it decides what you have to bring, or whether"
        " your child can have this card. Wrong? Touch Back."
    ),
    Situation.CHILD_REFUSED: mark(
        "Did you touch something wrong? Then change it. Is it right? Then the people at the counter can help you."
    ),
    Situation.CARD_TYPE: mark(
        "In most cases a child gets the same kind of card as the parent. The letter of your card stands on the card"
        " itself. If you are not sure, choose the same; the counter checks it."
    ),
    Situation.PROCEDURE: mark(
        "The urgent procedure costs more, and the card is ready sooner. The day on which the card is ready stands"
        " beside each choice."
    ),
    Situation.CHILDREN: mark(
        "You can ask for the cards of several children at once: one payment and one appointment. Touch Change to"
        " correct something."
    ),
    Situation.BRING: mark(
        "Without these things the counter cannot help you. You do not have to remember them: the list is on your"
        " ticket."
    ),
    Situation.APPOINTMENT: mark(
        "First touch a day, then a time. You come to the counter at that time with your children."
    ),
    Situation.NO_SLOTS: mark(
        "All times that this kiosk can give are taken. You can pay now and call for an appointment later."
    ),
    Situation.REVIEW: mark(
        "Check the names, the cards and the appointment. Something wrong? Touch Back. You pay with a bank card on the"
        " terminal."
    ),
    Situation.NOT_PAID: mark(
        "No money was taken from your account. You can try again, also with another bank card, or stop."
    ),
    Situation.OUTCOME_UNKNOWN: mark(
        "The line to the terminal was lost during the payment. Do not pay again. The people at the counter see in"
        " their system what happened."
    ),
    Situation.MONEY_BACK: mark(
        "The terminal takes your payment back. When it cannot, your request stays, and the counter gives you your"
        " ticket."
    ),
    Situation.PRINT_TROUBLE: mark(
        "Your request is stored. The people at the counter can print your ticket with the code."
    ),
}
_GENERAL = mark("Follow the steps on the screen. The people at the counter are glad to help you.")


class HelpScreen(Screen):
    """A panel in front of the screen that it explains."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The number to call stands below, where there is one."""
        self.ids.title.text = t("Help")
        self.ids.text.text = t(_HELP.get(view.situation, _GENERAL))
        self.ids.phone.text = t("Questions? Call {phone}", phone=words.unbroken(view.phone)) if view.phone else ""
        self.ids.close.text, self.ids.close.event = t("I understand"), events.Back()
        return Frame(title="")
