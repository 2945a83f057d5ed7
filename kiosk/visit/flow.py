"""The situations of a visit and the ways between them: the whole map on one page.

Guards are properties of the visit (`kiosk.visit.machine.Visit`), which is the chart's model; what happens
on arrival are its `on_enter_…` methods. An event that has no way out of the present situation is ignored:
a late touch or a repeated report changes nothing.
"""

from __future__ import annotations

from statemachine import State, StateMachine

# The situations in which a person is in mid-visit and nothing is being paid or printed.
CHOOSING = (
    "service",
    "child_name",
    "birth_date",
    "question",
    "child_refused",
    "card_type",
    "procedure",
    "children",
    "bring",
    "appointment",
    "no_slots",
    "review",
    "not_paid",
    "my_requests",
    "my_request",
    "other_time",
    "cancel_time",
)


class Flow(StateMachine):
    """One state per `Situation`."""

    allow_event_without_transition = True

    out_of_service = State()
    welcome = State(initial=True)
    insert_card = State()
    reading = State()
    card_refused = State()
    service = State()
    child_name = State()
    birth_date = State()
    question = State()
    child_refused = State()
    card_type = State()
    procedure = State()
    children = State()
    bring = State()
    appointment = State()
    no_slots = State()
    review = State()
    pay = State()
    not_paid = State()
    outcome_unknown = State()
    printing = State()
    print_trouble = State()
    money_back = State()
    take = State()
    goodbye = State()
    my_requests = State()
    my_request = State()
    other_time = State()
    cancel_time = State()

    # Before the card is known.
    begin = welcome.to(reading, cond="card_in") | welcome.to(insert_card)
    card_inserted = insert_card.to(reading) | card_refused.to(reading)
    card_accepted = reading.to(service, cond="several_services") | reading.to(child_name)
    no_card = (
        insert_card.to(service, cond="several_services")
        | insert_card.to(child_name)
        | card_refused.to(service, cond="several_services")
        | card_refused.to(child_name)
    )
    card_problem = reading.to(card_refused)
    card_removed = card_refused.to(insert_card)

    # What the parent wants.
    service_chosen = service.to(child_name)
    name_given = child_name.to(birth_date)
    birth_date_given = (
        birth_date.to(child_refused, cond="draft_refused")
        | birth_date.to(question, cond="child_unasked")
        | birth_date.to(card_type, cond="card_type_needed")
        | birth_date.to(question, cond="card_unasked")
        | birth_date.to(children)
    )
    answered = (
        question.to(child_refused, cond="draft_refused", unless="in_round_family")
        | question.to(card_type, cond=["in_round_child", "card_type_needed"])
        | question.to(children, unless="in_round_family")
        | question.to(bring)
    )
    other_service = child_refused.to(birth_date)
    too_late = children.to(procedure) | review.to(procedure)
    add_child = children.to(child_name)
    edit_child = children.to(child_name)
    last_child_removed = children.to(child_name)

    confirm = (
        card_refused.to(insert_card, unless="card_in")
        | child_refused.to(children, cond="has_children")
        | child_refused.to(child_name)
        | card_type.to(procedure, cond=["card_type_selected", "procedure_needed"])
        | card_type.to(question, cond=["card_type_selected", "card_unasked"])
        | card_type.to(children, cond="card_type_selected")
        | procedure.to(question, cond=["procedure_selected", "card_unasked"])
        | procedure.to(children, cond="procedure_selected")
        | children.to(question, cond="family_unasked")
        | children.to(bring)
        | bring.to(review, unless="appointment_needed")
        | bring.to(appointment, cond="slots_left")
        | bring.to(no_slots)
        | appointment.to(review, cond="slot_selected")
        | no_slots.to(review)
        | review.to(pay, cond=["something_to_pay", "payment_here_possible"])
        | review.to(printing, cond=["nothing_to_pay", "printing_possible"])
        | not_paid.to(pay, cond="payment_here_possible")
    )
    pay_at_desk = review.to(printing, cond="payment_at_desk_possible") | not_paid.to(
        printing, cond="payment_at_desk_possible"
    )
    slot_gone = pay.to(appointment) | printing.to(other_time, cond="looks_after_earlier") | printing.to(appointment)

    # A parent who comes back.
    requests_wanted = service.to(my_requests)
    request_chosen = my_requests.to(my_request)
    print_wanted = my_request.to(printing, cond="printing_possible")
    time_wanted = my_request.to(other_time)
    time_chosen = other_time.to(printing)
    cancel_wanted = my_request.to(cancel_time)
    time_cancelled = cancel_time.to(my_request)

    back = (
        child_name.to(children, cond="has_children")
        | child_name.to(service, cond="several_services")
        | birth_date.to(child_name)
        | question.to(birth_date, cond="in_round_child")
        | question.to(children, cond="in_round_family")
        | question.to(procedure, cond="procedure_needed")
        | question.to(card_type, cond="card_type_needed")
        | question.to(birth_date)
        | child_refused.to(question, cond="refused_by_answer")
        | child_refused.to(birth_date)
        | card_type.to(question, cond="child_asked")
        | card_type.to(birth_date)
        | procedure.to(card_type, cond="card_type_needed")
        | procedure.to(birth_date)
        | children.to(question, cond="card_asked")
        | children.to(procedure, cond="procedure_needed")
        | children.to(card_type, cond="card_type_needed")
        | children.to(birth_date)
        | bring.to(question, cond="family_asked")
        | bring.to(children)
        | appointment.to(bring)
        | no_slots.to(bring)
        | review.to(bring, unless="appointment_needed")
        | review.to(appointment, cond="slots_left")
        | review.to(no_slots)
        | not_paid.to(review)
        | my_requests.to(service)
        | my_request.to(my_requests)
        | other_time.to(my_request)
        | cancel_time.to(my_request)
    )

    # Money.
    paid = pay.to(printing) | outcome_unknown.to(printing)
    nothing_paid = pay.to(not_paid) | outcome_unknown.to(not_paid)
    outcome_lost = pay.to(outcome_unknown) | money_back.to(outcome_unknown)
    approved_late = outcome_unknown.from_(
        pay,
        not_paid,
        service,
        child_name,
        birth_date,
        question,
        child_refused,
        card_type,
        procedure,
        children,
        bring,
        appointment,
        no_slots,
        review,
        my_requests,
        my_request,
        other_time,
        cancel_time,
    )
    give_back = print_trouble.to(money_back)
    not_given_back = money_back.to(print_trouble)

    # Paper.
    printed = printing.to(take)
    print_failed = printing.to(print_trouble)
    print_again = print_trouble.to(printing)

    # The ways out.
    leave = (
        insert_card.to(goodbye)
        | reading.to(goodbye)
        | card_refused.to(goodbye)
        | service.to(goodbye)
        | child_name.to(goodbye)
        | birth_date.to(goodbye)
        | question.to(goodbye)
        | child_refused.to(goodbye)
        | card_type.to(goodbye)
        | procedure.to(goodbye)
        | children.to(goodbye)
        | bring.to(goodbye)
        | appointment.to(goodbye)
        | no_slots.to(goodbye)
        | review.to(goodbye)
        | pay.to(goodbye)
        | not_paid.to(goodbye)
        | outcome_unknown.to(goodbye)
        | money_back.to(goodbye)
        | my_requests.to(goodbye)
        | my_request.to(goodbye)
        | other_time.to(goodbye)
        | cancel_time.to(goodbye)
        | print_trouble.to(goodbye)
        | printing.to(goodbye)
        | take.to(goodbye)
        | welcome.to(goodbye)
        | out_of_service.to(goodbye)
    )
    rest = (
        goodbye.to(welcome, cond="visits_possible")
        | goodbye.to(out_of_service)
        | take.to(welcome, cond="visits_possible")
        | take.to(out_of_service)
    )
    fail = welcome.to(out_of_service)
    recover = out_of_service.to(welcome)
