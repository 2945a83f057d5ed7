#!/usr/bin/env bash
# Resolves pyproject.toml into four locks: requirements.lock with all that a checkout needs,
# requirements-run.lock, the part of it that a kiosk runs, requirements-backend.lock, what the backend runs of that,
# and requirements-fuzz.lock, with the fuzzer. One file serves every Python and platform; it holds hashes and no
# address, so that each machine asks its own package index. UV=… names a uv that is there already.
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
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --no-annotate "$@"
}
compile --extra dev pyproject.toml -o requirements.lock
compile --constraints requirements.lock pyproject.toml -o requirements-run.lock
compile --constraints requirements-run.lock --group pyproject.toml:backend -o requirements-backend.lock
compile --extra fuzz --constraints requirements.lock pyproject.toml -o requirements-fuzz.lock
git --no-pager diff --stat -- requirements.lock requirements-{run,backend,fuzz}.lock
