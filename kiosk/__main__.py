"""The `kiosk` command: every part of the product, usable from a shell."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import NoReturn

# One module of kiosk.commands each; the name is the first word after `kiosk`. A module is imported only
# when its word is used, so that `kiosk quote` does not pay for a window toolkit.
COMMANDS: dict[str, str] = {
    "demo": "a whole visit on simulated devices",
    "run": "the kiosk",
    "doctor": "what is wrong with this kiosk, and what to do",
    "enrol": "join the municipal backend with a one-time code",
    "rekey": "give this kiosk a new key",
    "staff": "who may open service mode on this kiosk",
    "card": "read or decode a residence card",
    "terminal": "the payment terminal, by hand",
    "printer": "the ticket printer, by hand",
    "municipality": "check a municipality's profile",
    "quote": "what the rules answer",
    "ticket": "verify a ticket",
    "timeline": "what happened, on one axis of time",
    "simulate": "run one simulated device",
}


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaint is one clear line."""

    def error(self, message: str) -> NoReturn:
        """Complain and exit with 2."""
        self.exit(2, f"{self.prog}: {_on_one_line(message)}\n")


def _on_one_line(message: str) -> str:
    """A complaint as one line, even where it quotes what holds line ends or what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in message)


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns 0, 1 (a "no") or 2 (bad input, one line on stderr)."""
    from kiosk.commands import BadInput

    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help") or arguments[0] not in COMMANDS:
        return _overview(arguments)
    word, rest = arguments[0], arguments[1:]
    module = importlib.import_module(f"kiosk.commands.{word}")
    parser = OneLineParser(prog=f"kiosk {word}", description=module.__doc__)
    module.add_arguments(parser)
    try:
        parsed = parser.parse_args(rest)
        return int(module.run(parsed))
    except BadInput as problem:
        print(f"kiosk {word}: {_on_one_line(str(problem))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `kiosk … | head`
        sys.stderr.close()
        return 1


def _overview(arguments: list[str]) -> int:
    width = max(map(len, COMMANDS))
    lines = ["usage: kiosk COMMAND …  (kiosk COMMAND --help tells more)", ""]
    lines += [f"  {word:<{width}}  {what}" for word, what in COMMANDS.items()]
    asked = not arguments or arguments[0] in ("-h", "--help")
    if asked:
        print("\n".join(lines))
        return 0
    print(f"kiosk: there is no command {arguments[0]!r}; `kiosk --help` lists them", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
