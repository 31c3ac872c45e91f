#!/usr/bin/env bash
# Fills databases that are empty from their backups in BACKUP_DIR: an instance that was replaced goes on where
# the old one stopped. A backup that cannot be restored leaves its database empty and fails, so that the next
# start tries again and nothing is backed up over it.
# Takes PGHOST, PGUSER, PGPASSWORD (the superuser's), and the databases' names as arguments.
set -euo pipefail
: "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}" "${BACKUP_DIR:?}"

for name in "$@"; do
  backup="$BACKUP_DIR/$name.dump"
  tables=$(psql --no-psqlrc --quiet --tuples-only --no-align --dbname "$name" \
    <<<"SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
  if [[ $tables == 0 && -s $backup ]]; then
    echo "restoring $name from $backup"
    pg_restore --exit-on-error --single-transaction --no-owner --role "$name" --dbname "$name" "$backup"
  fi
done
