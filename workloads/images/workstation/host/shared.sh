#!/usr/bin/env bash
# Mounts the file system that the workstation and its workers share, over TLS and as the instance's role.
set -euo pipefail
: "${SHARED_FILE_SYSTEM:?}" "${SHARED_ACCESS_POINT:?}" "${SHARED_FOLDER:?}"

if ! mountpoint --quiet "$SHARED_FOLDER"; then
  # Not in the user data, whose change would replace the workstation.
  command -v mount.efs > /dev/null || dnf install --quiet --assumeyes amazon-efs-utils
  mkdir -p "$SHARED_FOLDER"
  mount -t efs -o "tls,iam,accesspoint=$SHARED_ACCESS_POINT" "$SHARED_FILE_SYSTEM:/" "$SHARED_FOLDER"
fi
mkdir -p "$SHARED_FOLDER"/jobs/{waiting,running,done,failed,logs}
