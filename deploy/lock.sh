#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock: one file for every Python and platform, with hashes and
# without an address, so that each machine asks its own package index. UV=… names a uv that is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=${UV:-$(command -v uv || true)}
if [ -z "$uv" ]; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    .venv/bin/python -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
    uv=$tools/bin/uv
fi
"$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
    --no-annotate "$@" --extra dev pyproject.toml -o requirements.lock
git --no-pager diff --stat -- requirements.lock
