#!/usr/bin/env bash
# Makes a Debian 12 machine the municipal backend, with PostgreSQL and nginx. Run it again from a newer tree: that is an
# update. It changes what differs and keeps settings, secrets, certificate and data.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

opt=/opt/loket app=/opt/loket/app venv=/opt/loket/venv etc=/etc/loket backups=/var/backups/loket
command=/usr/local/sbin/loket-backend acme=/var/www/loket-acme database=loket
servers=(loket-backend.service loket-backend-watch.service)
timers=(loket-backend-{backup,retention,calendars,audit}.timer)

usage() {
    cat <<END
usage: deploy/backend/install.sh [--name HOST] [--restore FILE] [--dry-run] [--help]

Makes this Debian 12 machine the backend, or brings it up to date:
  $app    the program             $etc/backend.env   its settings (kept if they are there)
  $venv   its libraries           $etc/tls           certificate and key for nginx (kept)
  $backups   backups, every night  $command   its commands, for an administrator

  --name HOST      how browsers and kiosks reach it, such as loket.example.be; asked for the first time only
  --restore FILE   the first time: begin with this backup instead of an empty database
  --dry-run        say what would be done, and change nothing
END
}

bad() { printf 'install.sh: %s\n' "$1" >&2; exit 2; }
host='' restore='' dry_run=''
while [ $# -gt 0 ]; do
    case $1 in
    --name) [ $# -gt 1 ] || bad "--name needs a host's name"; host=$2; shift ;;
    --restore) [ $# -gt 1 ] || bad "--restore needs a file"; restore=$2; shift ;;
    --dry-run) dry_run=yes ;;
    --help | -h) usage && exit ;;
    *) bad "there is no option $1; --help lists them" ;;
    esac
    shift
done

log=/var/log/loket-backend-install.log
[ -z "$dry_run" ] || log=/dev/null
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
only_debian_12 install.sh
[ ! -e /etc/systemd/system/loket-kiosk.service ] || bad "this machine is a kiosk; the backend is a machine of its own"
[ -n "$dry_run" ] || [ -d /run/systemd/system ] || bad "systemd does not run here"
known=$(sed -n 's|^LOKET_PUBLIC_URL=https://\([^/:]*\)/*$|\1|p' "$etc/backend.env" 2>/dev/null || true)
[ -z "$known" ] || [ -z "$host" ] || [ "$host" = "$known" ] ||
    bad "the name is $known; to change it, edit $etc/backend.env and run this without --name"
host=${known:-$host}
[ -n "$host" ] || bad "how is this machine reached? Say --name loket.example.be"
[[ $host =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] || bad "--name: a host's name in small letters, not '$host'"
[ -z "$restore" ] || [ -r "$restore" ] || bad "$restore: cannot be read"
[ -z "$restore" ] || restore=$(realpath "$restore")

# --- Accounts, folders, secrets -------------------------------------------------------------------------

add_accounts() {
    # Each stands for one role of the database (roles.sql). No shell and no password: nobody logs in as one.
    local account
    for account in loket-backend loket-owner loket-backup; do
        id -u "$account" >/dev/null 2>&1 ||
            useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$account"
    done
}

make_folders() {
    install -d -m 0755 "$opt" "$etc" "$etc/municipalities" "$acme" /etc/nginx/loket.d
    install -d -m 0700 "$etc/tls"
    install -d -m 0700 -o loket-backup -g loket-backup "$backups"
}

make_secret() { # FILE COMMAND…: what the command says, for the web server to read
    local file=$1
    shift
    [ ! -s "$file" ] || return 0
    (umask 077 && "$@" >"$file.new")
    chown root:loket-backend "$file.new"
    chmod 0640 "$file.new"
    mv "$file.new" "$file"
}

make_secrets() {
    make_secret "$etc/secret-key" openssl rand -hex 48
    make_secret "$etc/orders-key.pem" openssl genpkey -algorithm ed25519
    make_secret "$etc/metrics-token" openssl rand -hex 32
}

write_settings() {
    sed "s/loket\.example\.be/$host/" deploy/backend/backend.example.env >"$etc/backend.env.new"
    chown root:loket-backend "$etc/backend.env.new"
    chmod 0640 "$etc/backend.env.new"
    mv "$etc/backend.env.new" "$etc/backend.env"
}

set_owners() { # /etc/loket may come from a backup, or from a machine whose accounts have other numbers
    chown -R root:root "$etc"
    find "$etc" -maxdepth 1 -type f -exec chown root:loket-backend {} + -exec chmod 0640 {} +
    chmod -R u=rwX,go= "$etc/tls"
    chmod -R u=rwX,go=rX "$etc/municipalities"
}

make_certificate() { # for a trial: browsers warn of it, and kiosks refuse it unless they are told to trust it
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$host" \
        -addext "subjectAltName=DNS:$host" -keyout "$etc/tls/key.pem" -out "$etc/tls/fullchain.pem"
    chmod 0600 "$etc/tls/key.pem"
}

# --- The database ---------------------------------------------------------------------------------------

as_postgres() { (cd / && exec runuser -u postgres -- "$@"); }

add_line() { # FILE LINE top|end
    grep -qxF "$2" "$1" && return
    # A rule of pg_hba.conf holds before all that stand below it, and Debian's "local all all peer" would take ours.
    if [ "$3" = top ]; then sed -i "1i $2" "$1"; else printf '%s\n' "$2" >>"$1"; fi
}

make_database() {
    local version cluster conf
    read -r version cluster _ < <(pg_lsclusters --no-header)
    conf=/etc/postgresql/$version/$cluster
    add_line "$conf/pg_hba.conf" "local $database loket_owner,loket_app,loket_backup peer map=loket" top
    add_line "$conf/pg_ident.conf" "loket loket-backend loket_app" end
    add_line "$conf/pg_ident.conf" "loket loket-owner loket_owner" end
    add_line "$conf/pg_ident.conf" "loket loket-backup loket_backup" end
    add_line "$conf/pg_ident.conf" "loket root loket_owner" end
    systemctl start "postgresql@$version-$cluster.service"
    systemctl reload "postgresql@$version-$cluster.service"
    [ -n "$(as_postgres psql -Atc "SELECT 1 FROM pg_database WHERE datname = '$database'")" ] ||
        as_postgres createdb --encoding UTF8 --locale C.UTF-8 --template template0 "$database"
}

set_roles() { as_postgres psql -X -q -v ON_ERROR_STOP=1 -d "$database" -f - <deploy/backend/roles.sql; }

is_filled() { [ "$(as_postgres psql -Atd "$database" -c "SELECT to_regclass('django_migrations') IS NOT NULL")" = t ]; }

migrate() { # as the tables' owner; not as root, and without the web server's settings
    scratch=$(mktemp -d /run/loket-migrate.XXXXXX)
    trap 'rm -rf "$scratch"' EXIT # of the step, which is a shell of its own
    chown loket-owner:loket-owner "$scratch"
    (cd "$app" && runuser -u loket-owner -- env -i PATH=/usr/bin:/bin HOME="$scratch" LOKET_DATA="$scratch" \
        LOKET_DATABASE="postgresql://loket_owner@/$database?host=/run/postgresql" "$venv/bin/python" -m backend migrate)
}

# --- The program ----------------------------------------------------------------------------------------

copy_tree() { # beside the one that runs
    rm -rf "$app.new"
    mkdir -p "$app.new"
    cp -r backend kiosk assets deploy pyproject.toml README.md "$app.new"
    find "$app.new" -name __pycache__ -type d -prune -exec rm -rf {} +
    chmod -R u=rwX,go=rX "$app.new"
    # The units may not write here; without this each start would compile everything anew.
    "$fresh_venv/bin/python" -m compileall -q -s "$app.new" -p "$app" "$app.new/backend" "$app.new/kiosk"
}

exchange() {
    rm -rf "$app.old"
    readlink "$venv" >"$opt/venv.old" || true
    [ ! -e "$app" ] || mv -T "$app" "$app.old"
    mv -T "$app.new" "$app"
    ln -sfnT "$fresh_venv" "$venv"
}

put_back() { # what ran before runs again: a migration that fails has changed nothing
    trap - EXIT
    [ -d "$app.old" ] || return 0
    printf 'The version before is put back, and runs.\n' >&2
    rm -rf "$app"
    mv -T "$app.old" "$app"
    ln -sfnT "$(cat "$opt/venv.old")" "$venv"
    rm -f "$opt/venv.old"
    systemctl start "${servers[@]}" "${timers[@]}"
}

tidy() {
    local one
    rm -rf "$app.old" "$opt/venv.old"
    for one in "$opt"/venv-*; do [ "$one" = "$(readlink "$venv")" ] || rm -rf "$one"; done
}

stop_servers() { systemctl stop "${timers[@]}" "${servers[@]}" 'loket-backend-*.service' 2>/dev/null || true; }

start_proxy() {
    local one
    for one in loket.log loket-error.log; do # nginx would make them for everybody to read
        [ -e "/var/log/nginx/$one" ] || install -m 0640 -o www-data -g adm /dev/null "/var/log/nginx/$one"
    done
    nginx -t
    systemctl enable nginx.service
    systemctl reload-or-restart nginx.service
}

answers() { # through nginx, as a kiosk asks
    local _
    for _ in 1 2 3 4 5; do
        curl --silent --show-error --fail --max-time 5 --resolve "$host:443:127.0.0.1" --cacert "$etc/tls/fullchain.pem" \
            "https://$host/health/ready" && return
        sleep 1
    done
    return 1
}

# --- All of it ------------------------------------------------------------------------------------------

[ -n "$dry_run" ] || : >"$log"
ensure_listed deploy/packages/backend.txt
run "accounts" add_accounts
run "folders" make_folders
run "secrets" make_secrets
[ -e "$etc/backend.env" ] || run "settings" write_settings
[ -e "$etc/tls/fullchain.pem" ] || run "trial certificate" make_certificate
run "owners" set_owners

# Libraries lie under a name of their own content, so that those of the version that runs are not touched.
fresh_venv=$opt/venv-$(cat requirements-build.lock requirements-backend.lock | sha256sum | head -c 12)
if [ -n "$dry_run" ]; then
    printf 'would make: %s from requirements-backend.lock\n' "$fresh_venv"
else
    make_venv "$fresh_venv" "$PWD" requirements-backend.lock /usr/bin/python3
fi
run "program" copy_tree
run "database" make_database
run "roles" set_roles

if [ -n "$dry_run" ]; then
    printf 'would do: backup, stop, exchange, migrate, start\n'
else
    if is_filled; then
        [ -z "$restore" ] || fail "install.sh: the database $database is not empty; README.md says how to put it aside."
        [ ! -e "$app" ] || step "backup" systemctl start loket-backend-backup.service ||
            fail "Nothing was changed: an update begins with a backup. See: journalctl -u loket-backend-backup"
    fi
    step "stop" stop_servers
    exchange
    trap put_back EXIT
    if [ -n "$restore" ]; then
        step "restore" deploy/backend/restore.sh "$restore" "postgresql://loket_owner@/$database?host=/run/postgresql"
    fi
    step "tables" migrate
    step "roles" set_roles
fi

for unit in deploy/systemd/loket-backend*.{service,timer}; do
    place 0644 root:root "$unit" "/etc/systemd/system/${unit##*/}"
done
# The second name is systemd's for all units that begin so.
place 0644 root:root deploy/systemd/loket-backend-closed.conf /etc/systemd/system/loket-backend.service.d/closed.conf
place 0644 root:root deploy/systemd/loket-backend-closed.conf /etc/systemd/system/loket-backend-.service.d/closed.conf
place 0755 root:root deploy/backend/loket-backend "$command"
if [ -z "$dry_run" ]; then
    site=$(mktemp)
    sed "s/loket\.example\.be/$host/" deploy/backend/nginx.conf >"$site"
    place 0644 root:root "$site" /etc/nginx/sites-available/loket
    rm -f "$site"
    ln -sf ../sites-available/loket /etc/nginx/sites-enabled/loket
fi
run "systemd" systemctl daemon-reload
if [ -z "$dry_run" ]; then
    step "start" systemctl enable --now "${servers[@]}" "${timers[@]}"
    trap - EXIT
    step "proxy" start_proxy
    step "an answer" answers || fail "It runs, but does not answer: journalctl -u loket-backend -n 30; tail /var/log/nginx/loket-error.log"
    tidy
fi
[ -z "$dry_run" ] || exit 0

cat <<END

https://$host/ answers. Next, where it is not done yet:
  1. A certificate that browsers know, instead of the one for a trial: README.md, "Certificate"
  2. A municipality's rules:  cp FILE $etc/municipalities/ && loket-backend demo-data --municipality $etc/municipalities/FILE
  3. The first account:       loket-backend staff NAME --role manager
  4. A copy of $etc/secret-key and $etc/orders-key.pem, apart from the backups
END
