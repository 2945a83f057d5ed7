#!/usr/bin/env bash
# Bring a backup back into an empty database: restore.sh FILE DATABASE
#
#   FILE      what backup.sh made
#   DATABASE  the address of an empty database, as its owner: "postgresql://loket_owner@/loket?host=/run/postgresql"
#
# A database that holds anything is left alone. All or nothing: one transaction. Afterwards run roles.sql there again.
# Kiosks that had sent more after the backup are told so with their next upload (`contiguous_to`): see the guide.
set -euo pipefail
bad() { printf 'restore: %s\n' "$1" >&2; exit 2; }
[ $# -eq 2 ] || bad "usage: restore.sh FILE DATABASE"
file=$1 database=$2
[ -r "$file" ] || bad "$file: cannot be read"
pg_restore --list "$file" >/dev/null 2>&1 || bad "$file: is no backup, or not a whole one"
tables=$(psql --no-psqlrc --dbname="$database" -Atc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") || exit 1
[ "$tables" = 0 ] || bad "the database is not empty ($tables tables)"
pg_restore --dbname="$database" --no-owner --no-privileges --exit-on-error --single-transaction "$file"
psql --no-psqlrc --dbname="$database" -qc ANALYZE
printf 'restored %s\n' "$file"
