#!/usr/bin/env bash
# What of the official image's entrypoint the platform uses: the cluster is made at the first start from
# POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB, by a server that only the socket reaches.
set -euo pipefail

if [[ $1 != postgres ]]; then
  exec "$@"
fi
if [[ $(id -u) == 0 ]]; then
  install --directory --owner postgres --group postgres --mode 0700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
if [[ ! -s $PGDATA/PG_VERSION ]]; then
  : "${POSTGRES_PASSWORD:?}"
  initdb --username "${POSTGRES_USER:-postgres}" --pwfile <(echo "$POSTGRES_PASSWORD") \
    --auth-local trust --auth-host scram-sha-256 > /dev/null
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  pg_ctl --wait --options "-c listen_addresses=''" start > /dev/null
  database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
  if [[ $database != postgres ]]; then
    createdb --username "${POSTGRES_USER:-postgres}" --maintenance-db postgres "$database"
  fi
  pg_ctl --wait --mode fast stop > /dev/null
fi
exec "$@"
