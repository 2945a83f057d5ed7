"""Payment terminals, behind one boundary: `outcome.PaymentTerminal`, spoken by `zvt.client.ZvtTerminal`.

A payment, from the side of a program that keeps a journal:

    from hardware.terminal.outcome import PaymentOutcome, Ready
    from hardware.terminal.zvt.client import ZvtTerminal

    terminal = ZvtTerminal.at("/dev/loket-terminal")          # or "tcp://terminal.example:20007"

    before = terminal.prepare()                      # moves no money
    if not isinstance(before.status, Ready):
        ...                                          # Busy, NeedsEndOfDay, Disconnected, …: values, not exceptions
    journal.intent(cents, before.terminal_id, before.last_receipt, before.last_trace)

    result = terminal.pay(
        cents,
        on_sent=journal.sent,                        # directly before the first byte leaves
        on_message=lambda progress: show(progress.message),
        on_approved=journal.approved,                # durable, then True; False: the terminal reverses
    )
    match result.outcome:
        case PaymentOutcome.PAID: ...                # result.receipt.text: the customer's receipt, line by line
        case PaymentOutcome.NOT_PAID: ...            # result.reason, result.result_code
        case PaymentOutcome.UNKNOWN:                 # money may have moved: ask, never assume
            found = terminal.look_up(
                cents, before.terminal_id, before.last_receipt, before.last_trace, started_at, now
            )                                        # PAID, NOT_PAID, or still UNKNOWN: people decide

`pay` blocks for as long as the customer takes, and calls back on its own thread, so it belongs on a worker thread.
`on_approved` may block, and must end by itself: the terminal waits for our acknowledgement for `Timing.goods_wait`
seconds, and then takes the payment back.
`request_abort()` may be called from any thread while `pay` runs; it is a wish, and the result still comes from `pay`.
It returns False when no payment has begun: then the caller drops its own plan.

Operations exclude each other: a second one gets `Busy` at once (or NOT_PAID/REFUSED, UNKNOWN, …), for it must neither
wait for minutes nor touch a running payment. Every call ends by itself; the limits are in `zvt.timing.Timing`.

No full card number comes out of this package: see `masking`.
"""
