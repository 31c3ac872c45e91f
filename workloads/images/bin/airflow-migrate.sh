#!/usr/bin/env bash
# Brings Airflow's database to the version of the image and sets the administrator's password; safe to repeat.
# Takes ADMIN_PASSWORD and Airflow's own variables.
set -euo pipefail
: "${ADMIN_PASSWORD:?}"

airflow db migrate
airflow users create --role Admin --username admin --password "$ADMIN_PASSWORD" \
  --firstname Platform --lastname Admin --email admin@example.com
airflow users reset-password --username admin --password "$ADMIN_PASSWORD"
