#!/usr/bin/env bash
# Makes the workstation ready; runs at every boot, and changes only what differs.
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

# First of all and whatever becomes of the rest: one that cannot start still stops when it is idle.
timers || echo "the timers could not be started" >&2
amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/platform/cloudwatch-agent.json \
  || echo "the CloudWatch agent could not be started" >&2

host/mount.sh
host/code.sh
host/restore.sh
if [[ -n ${SHARED_FILE_SYSTEM:-} ]]; then
  host/shared.sh
  [[ -e $DATA_FOLDER/work/shared ]] || ln -s "$SHARED_FOLDER" "$DATA_FOLDER/work/shared"
fi
host/secrets.sh
host/environment.sh
# They wait for this unit; to wait for them here would be to wait for oneself.
systemctl restart --no-block workstation-jupyter.service workstation-tensorboard.service
