"""Running the deployment's shell scripts in a test."""

import os
import subprocess
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]


def run(*command: str | Path, path: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in the tree, with nothing on stdin. `path` replaces PATH as a whole."""
    variables = {**os.environ, **environment}
    if path is not None:
        variables["PATH"] = path
    return subprocess.run(
        [str(part) for part in command],
        cwd=TREE,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def tools(folder: Path, *real: str, **scripts: str) -> str:
    """A PATH of its own: these programs of the machine, and these scripts."""
    folder.mkdir(exist_ok=True)
    for name in real:
        found = next(
            path for place in ("/usr/bin", "/bin", "/usr/sbin", "/sbin") if (path := Path(place, name)).exists()
        )
        (folder / name).symlink_to(found)
    for name, body in scripts.items():
        script = folder / name.replace("_", "-")
        script.write_text(f"#!/bin/bash\n{body}\n")
        script.chmod(0o755)
    return str(folder)
