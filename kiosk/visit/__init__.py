"""One parent's visit as a state machine: events in, effects out, a view to look at.

Nothing here waits, prints, opens a port or reads a clock. Time, randomness and rules are handed in, so a
visit can be replayed in milliseconds without a window.
"""
