#!/usr/bin/env bash
# Serves MLflow with authentication, artifacts through the server, and only under its own host names.
# Takes MLFLOW_BACKEND_STORE_URI, ARTIFACTS (the URL of a bucket, or a folder), ALLOWED_HOSTS, ALLOWED_ORIGINS, PORT,
# STATIC_PREFIX where it is not served at the root, and MLflow's own variables, MLFLOW_AUTH_ADMIN_PASSWORD and
# MLFLOW_FLASK_SERVER_SECRET_KEY among them. Secrets stay out of the arguments, which every process can read.
set -euo pipefail

MLFLOW_AUTH_CONFIG_PATH=$(mktemp)
export MLFLOW_AUTH_CONFIG_PATH
cat > "$MLFLOW_AUTH_CONFIG_PATH" <<INI
[mlflow]
default_permission = READ
admin_username = admin
database_uri = ${MLFLOW_BACKEND_STORE_URI:?}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
INI

exec mlflow server --app-name basic-auth --host 0.0.0.0 --port "${PORT:?}" --workers 1 \
  --serve-artifacts --artifacts-destination "${ARTIFACTS:?}" \
  --allowed-hosts "${ALLOWED_HOSTS:?}" --cors-allowed-origins "${ALLOWED_ORIGINS:?}" \
  ${STATIC_PREFIX:+--static-prefix "$STATIC_PREFIX"}
