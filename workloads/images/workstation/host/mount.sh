#!/usr/bin/env bash
# Mounts the data volume. Only one that has never been written to gets a file system; one that has grown, its new room.
set -euo pipefail
: "${DATA_DEVICE:?}" "${DATA_FOLDER:?}" "${WORK_USER:?}"
FIRST_BYTES=1048576

for ((second = 0; second < ${DEVICE_SECONDS:-300}; second++)); do
  [[ ! -e $DATA_DEVICE ]] || break
  sleep 1
done
if [[ ! -e $DATA_DEVICE ]]; then
  echo "$DATA_DEVICE: the data volume is not attached; run pulumi up, which attaches it" >&2
  exit 1
fi

# A new volume reads as zeros; every file system, partition table or key slot begins with something else.
if cmp --silent --bytes "$FIRST_BYTES" "$DATA_DEVICE" /dev/zero; then
  mkfs.ext4 -q -L workstation "$DATA_DEVICE"
fi
mkdir -p "$DATA_FOLDER"
if ! mountpoint --quiet "$DATA_FOLDER"; then
  mount -o noatime "$DATA_DEVICE" "$DATA_FOLDER"
fi
resize2fs "$DATA_DEVICE"
install --directory --owner "$WORK_USER" --mode 0750 "$DATA_FOLDER/home" "$DATA_FOLDER/work"
