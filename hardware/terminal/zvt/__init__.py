"""ZVT, the till protocol of PA00P015 (commands) and PA00P016 (serial transport), as far as a kiosk needs it.

From the wire up: `frame` (bytes ⇄ APDUs), `port` and `link` (the serial line, acknowledged), `apdu`, `bitmaps`,
`tlv`, `codes` and `fields` (what is in an APDU), `exchange` (one command to its end), `payment` and `look_up` (what it
means for money), `client` (all of it, as a `PaymentTerminal`). Over TCP the APDUs are the same; only the link differs.
"""
