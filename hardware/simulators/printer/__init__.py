"""A ticket printer that is not there: it understands ESC/POS on its own and draws what the paper would look like.

Written from the printer's side of the protocol. It shares no code with `hardware.printer`, so that a
misunderstanding there cannot hide here.
"""
