#!/usr/bin/env bash
# Brings Airflow's database to the version of the image and sets the administrator's password; idempotent.
# Takes ADMIN_PASSWORD and Airflow's own variables.
set -euo pipefail
: "${ADMIN_PASSWORD:?}"

# On standard input: every process of the machine can read another's arguments.
with_password() {
  printf '%s\n%s\n' "$ADMIN_PASSWORD" "$ADMIN_PASSWORD" | "$@"
}

airflow db migrate
with_password airflow users create --role Admin --username admin \
  --firstname Platform --lastname Admin --email admin@example.com
with_password airflow users reset-password --username admin
