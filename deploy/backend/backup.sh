#!/usr/bin/env bash
# A backup of the backend's database: backup.sh DATABASE FOLDER [KEEP]
#
#   DATABASE  its address, such as "postgresql://loket_backup@/loket?host=/run/postgresql"; no password in it
#             (peer authentication, or ~/.pgpass)
#   FOLDER    where to: loket-YYYYMMDD-HHMMSS.dump, readable by its owner only
#   KEEP      how many are kept (default 30); the oldest go, once the new one is whole
#
# The file appears under its name only when it is complete and its list of contents can be read back.
# Two secrets are not in it, and have to be kept apart from it. Without LOKET_SECRET_KEY_FILE a second factor and an
# enrolment code that is under way are void. Without the key that signs orders (LOKET_ORDERS_KEY_FILE) kiosks take no
# order before they enrol anew. All else works.
set -euo pipefail
umask 077
bad() { printf 'backup: %s\n' "$1" >&2; exit 2; }
[ $# -ge 2 ] || bad "usage: backup.sh DATABASE FOLDER [KEEP]"
database=$1 folder=$2 keep=${3:-30}
[[ $keep =~ ^[1-9][0-9]*$ ]] || bad "KEEP: a whole number from 1, not '$keep'"
mkdir -p "$folder" || bad "$folder: cannot be made"
exec 9>"$folder/.lock"
flock -n 9 || bad "another backup is running"
name=loket-$(date -u +%Y%m%d-%H%M%S).dump
part=$folder/.$name.part
trap 'rm -f "$part"' EXIT
pg_dump --dbname="$database" --format=custom --no-owner --no-privileges --file="$part" || { rm -f "$part"; exit 1; }
contents=$(pg_restore --list "$part") # read to its end: a pipe that closes early would look like a failure
[[ $contents == *'TABLE DATA public requests_storedentry'* ]] || bad "the backup holds no entries"
sync "$part"
mv "$part" "$folder/$name"
sync "$folder"
find "$folder" -maxdepth 1 -name 'loket-*.dump' | sort -r | tail -n +$((keep + 1)) | xargs -r rm --
printf '%s\n' "$folder/$name"
