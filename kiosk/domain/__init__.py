"""The pure rules of the town hall: no input or output, no clock of its own, no toolkit."""
