#!/usr/bin/env bash
# Tells CloudWatch how many containers are not as they should be: running and healthy, or done with success.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source platform.env
set +o allexport

compose=(docker compose --env-file /run/platform/host.env)
expected=$("${compose[@]}" config --services | wc -l)
sound=$("${compose[@]}" ps --all --format '{{.State}} {{.Health}} {{.ExitCode}}' \
  | grep --count --extended-regexp '^running healthy|^running +0$|^exited +0$') || sound=0
aws cloudwatch put-metric-data --namespace "$METRICS_NAMESPACE" --metric-name UnhealthyContainers --unit Count \
  --value "$((expected > sound ? expected - sound : 0))" --dimensions "Host=$HOST_NAME"
