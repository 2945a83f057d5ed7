"""The one place that imports python-escpos, which hangs a handler on the root logger while it is imported.

That handler would print every line of every other library to stderr, past what a program has set up to keep
persons out of its logs. So what it hung there is taken down again.
"""

import logging

_before = logging.getLogger().handlers[:]

from escpos.escpos import QR_ECLEVEL_H, QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q  # noqa: E402
from escpos.printer import Dummy  # noqa: E402

logging.getLogger().handlers[:] = _before

__all__ = ["QR_ECLEVEL_H", "QR_ECLEVEL_L", "QR_ECLEVEL_M", "QR_ECLEVEL_Q", "Dummy"]
