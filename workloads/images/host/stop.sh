#!/usr/bin/env bash
# Backs Postgres up, where it runs, and stops the containers: at shutdown, and before a spot instance goes.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
compose=(docker compose --env-file /run/platform/host.env)

running=$("${compose[@]}" ps --services --status running)
if grep --quiet --line-regexp postgres <<<"$running"; then
  # Airflow first, so that the backup has the tasks' last states; what fails must not keep the rest running.
  mapfile -t services < <(grep --invert-match --line-regexp postgres <<<"$running")
  if ((${#services[@]})); then
    "${compose[@]}" stop --timeout 20 "${services[@]}"
  fi
  host/backup.sh || echo "the backup failed; the one before it stays" >&2
fi
"${compose[@]}" stop
