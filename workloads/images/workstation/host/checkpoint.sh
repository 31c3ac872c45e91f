#!/usr/bin/env bash
# Copies the work folder to the models bucket, whose versioning keeps what is overwritten or deleted.
# Takes the paths from workstation.env beside it, unless the environment has them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -z ${CHECKPOINT:-} ]]; then
  set -o allexport
  # shellcheck source=/dev/null
  source workstation.env
  set +o allexport
fi

# Without the mark the volume is not mounted or not restored, and an empty folder would replace the checkpoint.
if [[ ! -e $DATA_FOLDER/restored ]]; then
  echo "$DATA_FOLDER: is not restored; the checkpoint stays as it is" >&2
  exit 1
fi
exec 9> "$RUN_FOLDER/checkpoint.lock"
flock 9
aws s3 sync --delete --only-show-errors --no-follow-symlinks --exclude '*.ipynb_checkpoints/*' \
  --exclude '*__pycache__/*' "$DATA_FOLDER/work" "$CHECKPOINT"
