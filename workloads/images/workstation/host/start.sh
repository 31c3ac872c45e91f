#!/usr/bin/env bash
# Makes the workstation ready; runs at every boot, and changes only what differs.
# The token and the password are kept in /run alone, which is memory: neither is on a volume or in its snapshots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source workstation.env
set +o allexport
mkdir -p "$RUN_FOLDER" "$LOG_FOLDER"
chown "$WORK_USER" "$LOG_FOLDER"

timers() {
  local units=(systemd/*.timer)
  install --mode 0644 systemd/* /etc/systemd/system/ \
    && systemctl daemon-reload \
    && systemctl enable --now "${units[@]##*/}"
}

secrets() {
  local values
  values=$(aws secretsmanager get-secret-value --secret-id "$SECRET_ID" --query SecretString --output text)
  install --mode 0400 --owner "$WORK_USER" /dev/null "$RUN_FOLDER/token"
  jq --raw-output --join-output .jupyter_token <<<"$values" > "$RUN_FOLDER/token"
  install --mode 0400 /dev/null "$RUN_FOLDER/mlflow.env"
  jq --raw-output '"MLFLOW_TRACKING_PASSWORD=\(.mlflow_password)"' <<<"$values" > "$RUN_FOLDER/mlflow.env"
}

# First of all and whatever becomes of the rest: one that cannot start still stops when it is idle.
timers || echo "the timers could not be started" >&2
amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/platform/cloudwatch-agent.json \
  || echo "the CloudWatch agent could not be started" >&2

host/mount.sh
host/code.sh
host/restore.sh
secrets
host/environment.sh
# They wait for this unit; to wait for them here would be to wait for oneself.
systemctl restart --no-block workstation-jupyter.service workstation-tensorboard.service
