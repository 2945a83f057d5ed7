"""A simulated ticket printer in a process of its own; see `hardware.simulators.process` for the side channel.

`ready` tells `port` and `address`. Orders: `{"do": "paper", "state": "ok|low|out"}`, `{"do": "refill"}`,
`{"do": "cover", "open": true}`, `{"do": "error", "what": "none|cutter|heat|device"}`, `{"do": "silent", "on": true}`,
`{"do": "power", "on": false}`, `{"do": "tear"}`, and for later `{"do": "fault_at", "bytes": 700, "fault":
"paper-out|cover-open|power|cutter|heat|silence"}`, counted in bytes taken from the buffer. Reports: `did` after each
order, `printed` with the picture's path and what is on it, `partial`, `blank`, `fault`, `power`.
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from hardware.simulators.printer.server import PrinterServer
from hardware.simulators.process import obey, report

WIDTHS = {80: 576, 58: 384}  # paper in millimetres: dots at 203 dpi


def main(argv: list[str] | None = None) -> int:
    """Run until stdin closes (0) or Ctrl-C (130). A folder or port that cannot be used: one line on stderr, and 2."""
    parser = argparse.ArgumentParser(prog="simulate printer", description="a simulated ESC/POS ticket printer on TCP")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures of printed paper")
    parser.add_argument("--port", type=int, default=0, help="the loopback port; 0 takes a free one")
    parser.add_argument("--width", type=int, choices=sorted(WIDTHS), default=80, help="the paper, in millimetres")
    parser.add_argument("--no-clear-answer", action="store_true", help="clear buffers without saying so, as some do")
    ways = ("real-time", "automatic", "in-turn", "none")
    parser.add_argument("--status", choices=ways, default=ways[0], help="how it tells its status")
    arguments = parser.parse_args(argv)
    if not 0 <= arguments.port <= 65535:
        parser.error("a port is a number up to 65535")
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        server = PrinterServer(
            arguments.out,
            WIDTHS[arguments.width],
            report,
            arguments.port,
            answer_clear=not arguments.no_clear_answer,
            status=arguments.status,
        )
    except OSError as problem:
        print(f"simulate printer: {problem}", file=sys.stderr)
        return 2
    board = threading.Thread(target=server.serve, name="board")
    board.start()
    report("ready", port=server.port, address=f"tcp://127.0.0.1:{server.port}")
    try:
        obey(server.act)
    except KeyboardInterrupt:
        return 130
    finally:
        server.stop()
        board.join(timeout=5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
