# shellcheck shell=bash
# Shared by setup.sh (a developer's checkout), install.sh (a kiosk) and backend/install.sh: steps of one line each,
# Debian packages, the choice of a Python, and a virtual environment from the locks.
#
# The caller sets `log`, the file that takes what the steps' commands say; an installer also sets `dry_run`.
: "${log:?}"

# The Pythons for which every locked library has a wheel or builds (Kivy 2.3 stops at 3.13).
readonly PYTHON_OLDEST=311 PYTHON_NEWEST=313

fail() { # SENTENCE…: each on a line of its own, on stderr
    printf '%s\n' "$@" >&2
    exit 1
}

# Behind `||` or `if`, bash goes on after a command that failed inside a function, `set -e` or not. So a step that is a
# function of several commands stands by itself, and ends the script when one of them fails.
step() { # NAME COMMAND…: runs it with its output in the log; one line with the seconds it took
    local name=$1 before=$SECONDS status
    shift
    printf '%-20s ' "$name"
    printf '\n== %s: %s\n' "$name" "$*" >>"$log"
    set +e
    (set -e && "$@") >>"$log" 2>&1 </dev/null
    status=$?
    set -e
    if [ "$status" -eq 0 ]; then
        printf 'done in %d s\n' "$((SECONDS - before))"
        return
    fi
    printf 'failed after %d s\n' "$((SECONDS - before))"
    {
        printf 'The last lines of %s:\n' "$log"
        tail -n 12 "$log" | sed 's/^/    /'
    } >&2
    return 1
}

# The installers' own: what changes the machine goes through these, so that --dry-run can name it instead.

only_debian_12() { # NAME: another system has other packages, another udev and another systemd; nothing was tried there
    local system
    # shellcheck disable=SC1090,SC1091
    system=$(. "${OS_RELEASE:-/etc/os-release}" && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}")
    if [ "$system" != "debian 12" ]; then
        printf '%s: this is made for Debian 12, and this machine is %s\n' "$1" "$system" >&2
        exit 2
    fi
    if [ -z "$dry_run" ] && [ "$(id -u)" -ne 0 ]; then
        printf '%s: run this as root (or look first with --dry-run)\n' "$1" >&2
        exit 2
    fi
}

run() { # NAME COMMAND…
    if [ -n "$dry_run" ]; then
        printf 'would do: %s (%s)\n' "$1" "${*:2}"
    else
        step "$@"
    fi
}

place() { # MODE OWNER:GROUP SOURCE TARGET: a file as the tree has it
    if [ -n "$dry_run" ]; then
        cmp -s "$3" "$4" || printf 'would write: %s\n' "$4"
    elif ! cmp -s "$3" "$4"; then
        install -D -m "$1" -o "${2%:*}" -g "${2#*:}" "$3" "$4"
        skipped "file" "$4"
    fi
}

ensure_listed() { # FILE…: the packages of these lists
    local -a listed missing
    mapfile -t listed < <(packages_in "$@")
    if [ -z "$dry_run" ]; then
        ensure_packages "${listed[@]}"
        return
    fi
    mapfile -t missing < <(packages_missing "${listed[@]}")
    [ "${#missing[@]}" -eq 0 ] || printf 'would install: %s\n' "${missing[*]}"
}

skipped() { # NAME WHY
    printf '%-20s %s\n' "$1" "$2"
}

packages_in() { # FILE…: the names, without comments
    sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"
}

packages_missing() { # NAME…: those that dpkg does not know as installed
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

can_be_root() { # root, or sudo that asks nothing, or sudo that has a person to ask
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null || return
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

ensure_packages() { # NAME…: installs what is missing, and says so
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        fail "This is not a Debian system. Install what these stand for: $*" \
            "Then go on with: make setup SYSTEM_PACKAGES=skip"
    fi
    mapfile -t missing < <(packages_missing "$@")
    if [ "${#missing[@]}" -eq 0 ]; then
        skipped "system packages" "all $# are there"
        return
    fi
    if ! can_be_root; then
        fail "${#missing[@]} system packages are missing, and installing them needs root or sudo. Let an administrator run:" \
            "    apt-get update && apt-get install --no-install-recommends ${missing[*]}" \
            "Then run this again."
    fi
    # One unreachable source of many is no reason to stop: whether the packages can be had shows below.
    step "package lists" as_root apt-get -o DPkg::Lock::Timeout=300 -q update || true
    step "${#missing[@]} system packages" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 -q -y install --no-install-recommends "${missing[@]}" ||
        fail "apt could not install: ${missing[*]}" \
            "Mend what it says above (the network? /etc/apt/sources.list?), then run this again."
}

python_version() { # COMMAND: 311 for Python 3.11; nothing where it does not run
    "$1" -c 'import sys; print(sys.version_info[0] * 100 + sys.version_info[1])' 2>/dev/null
}

fits() { # VERSION
    [ "$1" -ge "$PYTHON_OLDEST" ] && [ "$1" -le "$PYTHON_NEWEST" ]
}

python_makes_venvs() { # COMMAND
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

pick_python() { # prints the path of the newest Python that fits; PYTHON=… in the environment decides alone
    local candidate version best='' best_version=0
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        version=$(python_version "$candidate") || continue
        if fits "$version" && [ "$version" -gt "$best_version" ] && python_makes_venvs "$candidate"; then
            best=$("$candidate" -c 'import sys; print(sys.executable)') best_version=$version
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

venv_fits() { # DIR: its Python runs, fits, and it was made at this very place
    local version
    version=$(python_version "$1/bin/python") || return
    fits "$version" && head -n 1 "$1/bin/pip" 2>/dev/null | grep -qF "#!$1/bin/"
}

locked_install() { # DIR LOCK OPTION…: exactly what the lock names, or nothing
    local venv=$1 lock=$2
    shift 2
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --require-hashes "$@" -r "$lock"
}

make_venv() { # DIR TREE LOCK PYTHON: a virtual environment with the locked libraries
    local venv=$1 tree=$2 lock=$3 python=$4
    if venv_fits "$venv"; then
        skipped "environment" "$("$venv/bin/python" -V) in $venv"
    else
        step "environment" "$python" -m venv --clear "$venv" || fail "No virtual environment could be made with $python."
    fi
    local hint="If the network or the package index could not be reached, mend that and run this again: nothing is half done."
    step "build tools" locked_install "$venv" "$tree/requirements-build.lock" || fail "$hint"
    step "$(grep -c '^[a-z0-9].*==' "$lock") libraries" locked_install "$venv" "$lock" --no-build-isolation || fail "$hint"
}
