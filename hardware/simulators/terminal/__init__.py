"""A simulated ZVT payment terminal in a process of its own: `python -m hardware.simulators.terminal`.

It listens on a pseudo-terminal, or with `--tcp PORT` on a TCP port. Its first line on stdout is `{"event": "ready",
"port": PORT, "pty": …, "terminal_id": …}`; PORT is a stable path (or `tcp://host:port`) that survives `unplug` and
`plug`. It reports `registered`, `payment_started` (cents), `captured`, `declined`, `aborted`, `reversed`, `refunded`,
`refused_payment`, `missed_answer`, `late`, `stage`, `served_itself`, `clock_set`, `day_closed` (count, cents),
`unplugged`, `plugged`, `rebooting`, `rebooted`, `ledger`, `history`, `obeyed` when an action has taken effect that is
not the customer's, and `refused` for one that cannot be done now.

It obeys `{"do": …}`:

| do | details | |
|---|---|---|
| tap, approve | | the customer presents a card that is accepted |
| decline | code | … that is declined (1 to 99: by the network) |
| abort | | the customer presses stop |
| wrong_pin_then_right | | … and is accepted in the end |
| slow_pin | times, every_ms, minutes | the PIN takes long: so many 04 FF, with a new T4 in minutes if wanted |
| mode | automatic: approve, decline, abort, …, or null; after_ms | no person needed: see `settings.AUTOMATIC` |
| set | NAME: VALUE, … | fields of `settings.Settings`: condition, refuse, prints, reverses_by_itself, … |
| at | stage, fault, ms | reboot (for so long), unplug, silence or deaf when the next payment has come to a stage of \
`settings.STAGES`, once |
| silence, deaf, speak | | says and hears nothing from now; hears nothing; both again |
| silence_after_approval | | the next payment is captured, and then never completed |
| lost_ack, damage, duplicate | count | the next ACKs do not arrive; the next frames arrive with a wrong CRC; twice |
| noise | rate | each bit of the line is turned over with this probability; the same bits for the same `--seed` |
| byte_by_byte | on, ms | each byte arrives on its own, so long after the one before |
| unplug, plug | | the cable |
| reboot | ms | power off and on; the registration is forgotten, the turnover store is not |
| ledger, history | | tell all transactions since the last end of day; those before it too |

The ledger is the truth about money. With `--store FILE` it is also in a file (`ledger.read_store`), written before the
terminal says anything about a booking, so that it can be read whatever became of the simulator.
"""
