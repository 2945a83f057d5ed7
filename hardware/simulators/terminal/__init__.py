"""A simulated ZVT payment terminal on a pseudo-terminal: `python -m hardware.simulators.terminal`.

Its first line on stdout is `{"event": "ready", "port": LINK, "pty": …, "terminal_id": …}`. LINK is a stable path that
survives `unplug` and `plug`. It reports `registered`, `payment_started` (cents), `captured`, `declined`, `aborted`,
`reversed`, `refused_payment`, `day_closed`, `unplugged`, `plugged`, `rebooting`, `rebooted`, `ledger`,
`obeyed` when an action has taken effect that is not the customer's, and `refused` for one that cannot be done now.

It obeys `{"do": …}`:

| do | details | |
|---|---|---|
| tap, approve | | the customer presents a card that is accepted |
| decline | code | … that is declined (1 to 99: by the network) |
| abort | | the customer presses stop |
| wrong_pin_then_right | | … and is accepted in the end |
| mode | automatic: approve, decline, abort or null; after_ms | no person needed |
| silence, speak | | says nothing and hears nothing, from now; speaks again |
| silence_after_approval | | the next payment is captured, and then never completed |
| lost_ack, damage | count | the next ACKs do not arrive; the next frames arrive with a wrong CRC |
| unplug, plug | | the cable |
| reboot | ms | power off and on; the registration is forgotten |
| set | a field of `machine.Settings` | condition, refuse, prints, leaky, loses_completion, remembers, … |
| ledger | | tell all transactions since the last end of day |
"""
