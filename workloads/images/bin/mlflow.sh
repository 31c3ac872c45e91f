#!/usr/bin/env bash
# Serves MLflow with authentication, artifacts through the server, and only under its own host names.
# Takes DATABASE_URL, ARTIFACTS (s3://bucket or a folder), ALLOWED_HOSTS, ALLOWED_ORIGINS, PORT and MLflow's own
# variables, MLFLOW_AUTH_ADMIN_PASSWORD and MLFLOW_FLASK_SERVER_SECRET_KEY among them.
set -euo pipefail

MLFLOW_AUTH_CONFIG_PATH=$(mktemp)
export MLFLOW_AUTH_CONFIG_PATH
cat > "$MLFLOW_AUTH_CONFIG_PATH" <<INI
[mlflow]
default_permission = READ
admin_username = admin
database_uri = ${DATABASE_URL:?}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
INI

exec mlflow server --app-name basic-auth --host 0.0.0.0 --port "${PORT:?}" --workers 1 \
  --backend-store-uri "$DATABASE_URL" --serve-artifacts --artifacts-destination "${ARTIFACTS:?}" \
  --allowed-hosts "${ALLOWED_HOSTS:?}" --cors-allowed-origins "${ALLOWED_ORIGINS:?}"
