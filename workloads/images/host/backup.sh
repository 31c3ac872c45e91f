#!/usr/bin/env bash
# Puts a dump of each database into the data bucket, whose versioning keeps the ones before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source platform.env
set +o allexport
dump=$(mktemp)
trap 'rm -f "$dump"' EXIT

for database in airflow mlflow; do
  # To a file first: what is piped to S3 and breaks off would replace a good backup by half of one.
  docker compose --env-file /run/platform/host.env exec --no-TTY postgres \
    pg_dump --username platform --format custom "$database" > "$dump"
  aws s3 cp --quiet "$dump" "$BACKUPS$database.dump"
done
