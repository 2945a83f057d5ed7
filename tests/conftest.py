"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no fault of what is tested, and a run that failed fails again.
settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.load_profile("unhurried")
