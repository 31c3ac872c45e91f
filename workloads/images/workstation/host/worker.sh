#!/usr/bin/env bash
# Makes a worker ready; runs at every boot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source workstation.env
set +o allexport
mkdir -p "$RUN_FOLDER" "$LOG_FOLDER"
chown "$WORK_USER" "$LOG_FOLDER"
install --mode 0644 systemd/* /etc/systemd/system/
systemctl daemon-reload
amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/platform/cloudwatch-agent.json \
  || echo "the CloudWatch agent could not be started" >&2

host/shared.sh
host/code.sh
host/secrets.sh
host/environment.sh
systemctl restart --no-block worker-jobs.service
