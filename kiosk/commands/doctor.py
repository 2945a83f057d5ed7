"""What is wrong with this kiosk, and what to do. Exits 0 when there is no fault, and 1 when there is one."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import asdict
from pathlib import Path

from kiosk import logs
from kiosk.commands import BadInput, print_json
from kiosk.doctor import Finding, Verdict, examine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, without which only this machine is looked at, and `--json`."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the kiosk's configuration")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and tell."""
    if arguments.config is not None and not arguments.config.is_file():
        raise BadInput(f"there is no file {arguments.config}")
    logs.configure(level="critical")  # the drivers' own lines would stand between the findings
    findings = examine(arguments.config)
    healthy = all(finding.verdict is not Verdict.FAULT for finding in findings)
    if arguments.json:
        print_json({"healthy": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        print(table(findings))
    return 0 if healthy else 1


def table(findings: list[Finding]) -> str:
    """One line for each finding, and below one that is not well what to do."""
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:<7}  {finding.part:<{width}}  {finding.what}")
        if finding.remedy:
            lines += textwrap.wrap(
                finding.remedy,
                110,
                initial_indent=" " * (width + 11) + "→ ",
                subsequent_indent=" " * (width + 13),
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "\n".join(lines)
