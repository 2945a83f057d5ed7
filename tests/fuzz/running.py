"""How a fuzzer is run: so many inputs, a seed, a corpus of its own in a temporary folder.

At a finding atheris stops, prints the trace and keeps the input beside the corpus.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import atheris


def fuzz(
    what: str,
    runs: int,
    one_input: Callable[[bytes], None],
    write_seeds: Callable[[Path], None],
    longest: int,
) -> int:
    """Fuzz for so many runs, or as many as the command line says; atheris ends the process, with 0 if all was well."""
    parser = argparse.ArgumentParser(description=f"fuzz {what}")
    parser.add_argument("--runs", type=int, default=runs, help=f"how many inputs (default {runs:_})".replace("_", " "))
    parser.add_argument("--seed", type=int, default=1, help="of libFuzzer's random numbers")
    arguments = parser.parse_args()
    corpus = Path(tempfile.mkdtemp(prefix="loket-fuzz-"))
    write_seeds(corpus)
    options = [
        f"-runs={arguments.runs}",
        f"-seed={arguments.seed}",
        f"-max_len={longest}",
        "-len_control=10",
        "-print_final_stats=1",
    ]
    began = time.strftime("%H:%M:%S", time.gmtime())
    print(f"{what}: {arguments.runs} inputs, corpus in {corpus}, started {began} UTC", flush=True)
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", str(corpus)], one_input)
    atheris.Fuzz()
    return 0
