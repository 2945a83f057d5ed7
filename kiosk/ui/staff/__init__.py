"""The screens of service mode: one for each situation; module, layout and situation share a name."""
