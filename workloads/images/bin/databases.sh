#!/usr/bin/env bash
# Makes the roles and databases of Airflow and MLflow and sets the roles' passwords; safe to repeat.
# A database that is made here begins with its backup, where RESTORE_DIR has one: an instance that was
# replaced goes on where the old one stopped.
# Takes PGHOST, PGUSER, PGPASSWORD (the superuser's), AIRFLOW_DATABASE_PASSWORD, MLFLOW_DATABASE_PASSWORD.
set -euo pipefail
: "${PGHOST:?}" "${PGUSER:?}" "${PGPASSWORD:?}"

sql() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname postgres "$@"
}

own() {
  local name=$1 backup="${RESTORE_DIR:-/restore}/$1.dump"
  export OWN_PASSWORD=$2
  # The password comes by the environment: arguments can be read by every process.
  sql --set name="$name" <<'SQL'
\getenv password OWN_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'name')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SQL
  if [[ -n $(sql --set name="$name" <<<"SELECT 1 FROM pg_database WHERE datname = :'name'") ]]; then
    return
  fi
  sql --set name="$name" <<'SQL'
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
  if [[ -s $backup ]]; then
    echo "restoring $name from $backup"
    pg_restore --exit-on-error --single-transaction --no-owner --role "$name" --dbname "$name" "$backup" || {
      # An empty database would be taken for a restored one at the next start, and backed up over the backup.
      sql --set name="$name" <<<'DROP DATABASE :"name"'
      exit 1
    }
  fi
}

own airflow "${AIRFLOW_DATABASE_PASSWORD:?}"
own mlflow "${MLFLOW_DATABASE_PASSWORD:?}"
