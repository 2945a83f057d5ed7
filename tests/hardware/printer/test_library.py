"""python-escpos hangs a handler on the root logger when imported; ours takes it down (seen: every line twice)."""

import subprocess
import sys


def test_importing_the_encoder_hangs_nothing_on_the_root_logger() -> None:
    program = "import logging, hardware.printer; assert not logging.getLogger().handlers, logging.getLogger().handlers"
    subprocess.run([sys.executable, "-c", program], check=True)
