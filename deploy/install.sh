#!/usr/bin/env bash
# Makes a Debian 12 machine a kiosk. Run it again after an update of the tree: it changes what differs and
# keeps the configuration, the key and the journal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

app=/opt/loket/app venv=/opt/loket/venv etc=/etc/loket state=/var/lib/loket account=loket
service=loket-kiosk.service

usage() {
    cat <<END
usage: deploy/install.sh [--dry-run] [--help]

Makes this Debian 12 machine a kiosk:
  $app       the program        $etc/kiosk.toml   its configuration (kept if it is there)
  $venv      its libraries      $state        journal and key, of the user \`$account\`
  $service, pcscd, seatd, udev names /dev/loket-terminal and /dev/loket-printer

  --dry-run   say what would be done, and change nothing
END
}

dry_run=''
for argument in "$@"; do
    case $argument in
    --dry-run) dry_run=yes ;;
    --help | -h) usage && exit ;;
    *) printf 'install.sh: there is no option %s; --help lists them\n' "$argument" >&2 && exit 2 ;;
    esac
done

log=/var/log/loket-install.log
[ -z "$dry_run" ] || log=/dev/null
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
only_debian_12 install.sh
[ ! -e /etc/systemd/system/loket-backend.service ] ||
    fail "install.sh: this machine is the backend; a kiosk is a machine of its own."

copy_tree() { # the new tree is complete before it takes the place of the old one
    rm -rf "$app.new"
    mkdir -p "$app.new"
    cp -r kiosk hardware assets deploy pyproject.toml README.md "$app.new"
    find "$app.new" -name __pycache__ -type d -prune -exec rm -rf {} +
    chmod -R u=rwX,go=rX "$app.new"
    rm -rf "$app"
    mv "$app.new" "$app"
}

add_account() {
    # dialout: serial lines. lp: printers. video: seatd's socket. render: drawing by the graphics card, where there is one.
    # audio: sound. No shell and no password: nobody logs in as it.
    local groups=dialout,lp,video,audio
    ! getent group render >/dev/null || groups+=,render
    id -u "$account" >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin "$account"
    usermod --append --groups "$groups" "$account"
}

backlights() { # what the unit may write to besides: /sys is closed to it, and the names differ from machine to machine
    local one
    for one in /sys/class/backlight/*; do
        [ ! -e "$one/brightness" ] || printf 'ReadWritePaths=-%s\n' "$one"
    done
}

[ -n "$dry_run" ] || : >"$log"

ensure_listed deploy/packages/{runtime,build,kiosk}.txt

run "user $account" add_account
run "program" copy_tree
if [ -n "$dry_run" ]; then
    printf 'would make: %s from requirements-run.lock\n' "$venv"
else
    make_venv "$venv" "$PWD" requirements-run.lock /usr/bin/python3
fi
run "the kiosk command" "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    --no-deps --no-build-isolation -e "$app"

run "folders" install -d -m 0750 -o root -g "$account" "$etc"
run "journal's folder" install -d -m 0700 -o "$account" -g "$account" "$state"
[ -e "$etc/kiosk.toml" ] || place 0640 "root:$account" deploy/kiosk.example.toml "$etc/kiosk.toml"

place 0644 root:root deploy/systemd/loket-kiosk.service /etc/systemd/system/loket-kiosk.service
place 0644 root:root deploy/systemd/pcscd.conf /etc/systemd/system/pcscd.service.d/loket.conf
place 0644 root:root deploy/systemd/journald.conf /etc/systemd/journald.conf.d/loket.conf
place 0644 root:root deploy/udev/70-loket.rules /etc/udev/rules.d/70-loket.rules
place 0644 root:root deploy/logrotate/loket /etc/logrotate.d/loket
if [ -n "$(backlights)" ]; then
    light=$(mktemp)
    { echo '[Service]' && backlights; } >"$light"
    place 0644 root:root "$light" "/etc/systemd/system/$service.d/backlight.conf"
    rm -f "$light"
fi

# While an image is built, no system is running that could be told; in a container there is no udev.
if [ -d /run/systemd/system ]; then
    run "systemd" systemctl daemon-reload
fi
if [ -S /run/udev/control ]; then
    run "device names" sh -c 'udevadm control --reload && udevadm trigger --subsystem-match=tty --subsystem-match=usbmisc --subsystem-match=backlight'
fi
run "units" systemctl enable seatd.service pcscd.socket "$service"
run "start with it" systemctl set-default graphical.target

cat <<END

Next:
  1. Edit $etc/kiosk.toml, and write the terminal's six digits:  install -m 0640 -g $account /dev/stdin $etc/terminal-password
  2. Enrol with a code from the backend:  runuser -u $account -- $venv/bin/kiosk enrol --config $etc/kiosk.toml CODE
  3. Look for what is missing:  runuser -u $account -- $venv/bin/kiosk doctor --config $etc/kiosk.toml
  4. Start:  systemctl restart $service
END
