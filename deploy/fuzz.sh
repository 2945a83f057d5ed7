#!/usr/bin/env bash
# Fuzzes the card's decoder, guided by coverage, in an environment of its own: the fuzzer has wheels for few machines.
# Arguments go to both fuzzers, the one of a whole reading and that of the decoder: --runs, --seed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tree=$PWD
venv=$tree/build/fuzz
mkdir -p build
log=build/fuzz.log
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

stamp=$venv/set-up
wanted=$(cat requirements-build.lock requirements-fuzz.lock deploy/lib.sh deploy/fuzz.sh | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || ! venv_fits "$venv"; then
    : >"$log"
    python=$(pick_python) || fail "No Python fits: 3.11, 3.12 or 3.13 with its venv module is needed."
    step "environment" "$python" -m venv --clear "$venv" || fail "No virtual environment could be made with $python."
    hint="Mend what it says above (the network? the package index?), then run this again."
    step "build tools" locked_install "$venv" "$tree/requirements-build.lock" || fail "$hint"
    if ! step "fuzzer" locked_install "$venv" "$tree/requirements-fuzz.lock" --no-build-isolation --only-binary=atheris; then
        grep -q 'No matching distribution found for atheris' "$log" || fail "$hint"
        fail "The fuzzer (atheris) has no wheel for $("$venv/bin/python" -V) on $(uname -sm)." \
            "Choose another Python with PYTHON=/path/to/python3.12, or another machine (Linux on x86_64 has one)." \
            "The same rules hold in \`make test\` for inputs of hypothesis, without guidance by coverage."
    fi
    printf '%s\n' "$wanted" >"$stamp"
fi
"$venv/bin/python" -m tests.fuzz.line "$@"
exec "$venv/bin/python" -m tests.fuzz.decoder "$@"
