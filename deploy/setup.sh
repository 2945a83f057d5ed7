#!/usr/bin/env bash
# Makes a checkout ready to run: Debian packages, .venv with the locked libraries, the `kiosk` command.
# It does its work once: a stamp in .venv keeps a hash of all that the result depends on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tree=$PWD
venv=$tree/.venv
mkdir -p build
log=build/setup.log
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

stamp=$venv/set-up
lists=(deploy/packages/runtime.txt deploy/packages/build.txt deploy/packages/development.txt)

inputs() { # an editable install knows the top packages by name, so a new one asks for a new set-up
    printf '%s\n' "$tree" */__init__.py
    cat "${lists[@]}" requirements-build.lock requirements.lock pyproject.toml deploy/lib.sh deploy/setup.sh
}

wanted=$(inputs | sha256sum)
is_done() { [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; }

is_done && exit
# `make demo` and `make test` may start at the same time: the second waits here for the first.
exec 9>build/setup.lock
flock 9
is_done && exit

begun=$SECONDS
: >"$log"
echo "Setting up, once; details in $log"
rm -f "$stamp"

if [ "${SYSTEM_PACKAGES:-install}" = skip ]; then
    skipped "system packages" "left alone, as asked"
else
    mapfile -t packages < <(packages_in "${lists[@]}")
    ensure_packages "${packages[@]}"
fi

python=$(pick_python) || fail \
    "No Python fits: 3.11, 3.12 or 3.13 with its venv module is needed, and \`${PYTHON:-python3}\` is $(${PYTHON:-python3} -V 2>&1 || true)." \
    "On Debian 12: apt-get install python3-venv. Elsewhere, install one and run: make setup PYTHON=/path/to/python3.12"
make_venv "$venv" "$tree" requirements.lock "$python"
step "the kiosk command" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    --no-deps --no-build-isolation -e . || fail "The tree itself could not be installed into $venv."

printf '%s\n' "$wanted" >"$stamp"
echo "Ready after $((SECONDS - begun)) s: .venv/bin/kiosk --help"
