"""Machine time of a visit: all that a parent waits for and does not cause, step by step, over whole demo visits."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from typing import Any


def main(argv: list[str] | None = None) -> int:
    """Walk through some visits and print what each step cost. Returns 1 when one of them did not succeed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--visits", type=int, default=3, help="how many (default 3; each takes about half a minute)")
    arguments = parser.parse_args(argv)
    summaries = []
    for number in range(1, max(arguments.visits, 1) + 1):
        with tempfile.TemporaryDirectory(prefix="loket-bench-") as folder:
            command = [sys.executable, "-m", "kiosk", "demo", "--headless", "--json", "--out", folder]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if ran.returncode != 0:
            print(ran.stderr.strip() or "the visit failed without a word", file=sys.stderr)
            return 1
        summaries.append(json.loads(ran.stdout))
        print(f"visit {number}: {summaries[-1]['machine_ms']:.0f} ms, {summaries[-1]['apdus']} APDUs", flush=True)
    print("\n".join(table(summaries)))
    return 0


def table(summaries: list[dict[str, Any]]) -> list[str]:
    """The median of each step with its share of the whole, the largest first."""
    steps = {
        name: statistics.median(summary["steps_ms"][name] for summary in summaries)
        for name in summaries[0]["steps_ms"]
        if all(name in summary["steps_ms"] for summary in summaries)
    }
    whole = statistics.median(summary["machine_ms"] for summary in summaries)
    width = max(map(len, (*steps, "machine time")))
    rows = [*sorted(steps.items(), key=lambda step: -step[1]), ("machine time", whole)]
    return [f"{name:<{width}}  {milliseconds:8.1f} ms  {milliseconds / whole:6.1%}" for name, milliseconds in rows]


if __name__ == "__main__":
    sys.exit(main())
