#!/usr/bin/env bash
# Fills the work folder of a new data volume from the last checkpoint, and puts the starter notebook there.
# It fails the start: to begin with an empty folder would be to lose the old one at the next checkpoint.
set -euo pipefail
: "${DATA_FOLDER:?}" "${CHECKPOINT:?}" "${CODE_FOLDER:?}" "${WORK_USER:?}"

if [[ ! -e $DATA_FOLDER/restored ]]; then
  aws s3 sync --only-show-errors "$CHECKPOINT" "$DATA_FOLDER/work"
  chown -R "$WORK_USER" "$DATA_FOLDER/work"
  touch "$DATA_FOLDER/restored"
fi
shopt -s nullglob
for notebook in "$CODE_FOLDER"/workloads/notebooks/*.ipynb; do
  if [[ ! -e $DATA_FOLDER/work/${notebook##*/} ]]; then
    install --owner "$WORK_USER" --mode 0640 "$notebook" "$DATA_FOLDER/work/"
  fi
done
