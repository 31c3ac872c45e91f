#!/usr/bin/env bash
# Fetches the token and the password into /run, which is memory: neither is on a volume or in its snapshots.
set -euo pipefail
: "${SECRET_ID:?}" "${RUN_FOLDER:?}" "${WORK_USER:?}"

values=$(aws secretsmanager get-secret-value --secret-id "$SECRET_ID" --query SecretString --output text)
install --mode 0400 --owner "$WORK_USER" /dev/null "$RUN_FOLDER/token"
jq --raw-output --join-output .jupyter_token <<<"$values" > "$RUN_FOLDER/token"
install --mode 0400 /dev/null "$RUN_FOLDER/mlflow.env"
jq --raw-output '"MLFLOW_TRACKING_PASSWORD=\(.mlflow_password)"' <<<"$values" > "$RUN_FOLDER/mlflow.env"
