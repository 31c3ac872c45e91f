#!/usr/bin/env bash
# Tells CloudWatch how many containers are not as they should be: running and healthy, or, of those that run once,
# done with success. An engine that does not answer counts as one of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source platform.env
set +o allexport

unhealthy() {
  local compose=(docker compose --env-file /run/platform/host.env) containers expected sound=0
  local state='{{.HostConfig.RestartPolicy.Name}} {{.State.Status}} {{with .State.Health}}{{.Status}}{{end}} {{.State.ExitCode}}'
  expected=$("${compose[@]}" config --services | wc -l) || return
  mapfile -t containers < <("${compose[@]}" ps --all --quiet)
  if ((${#containers[@]})); then
    sound=$(docker inspect --format "$state" "${containers[@]}" \
      | grep --count --extended-regexp '^unless-stopped running (healthy)? 0$|^no exited  0$') || true
  fi
  echo "$((expected > sound ? expected - sound : 0))"
}

count=$(unhealthy) || count=1
aws cloudwatch put-metric-data --namespace "$METRICS_NAMESPACE" --metric-name UnhealthyContainers --unit Count \
  --value "$count" --dimensions "Host=$HOST_NAME"
