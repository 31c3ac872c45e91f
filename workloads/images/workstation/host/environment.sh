#!/usr/bin/env bash
# Installs the locked packages of the chosen environment, if they are not the ones that are installed.
set -euo pipefail
: "${CODE_FOLDER:?}" "${ENVIRONMENT_FOLDER:?}" "${LOCKS:?}"
locks="$CODE_FOLDER/workloads/images/workstation"
requirements=()
for lock in $LOCKS; do
  requirements+=("$locks/$lock/requirements.txt")
done

wanted=$(sha256sum "${requirements[@]}")
if [[ $(cat "$ENVIRONMENT_FOLDER/.locks" 2>/dev/null) == "$wanted" ]]; then
  exit
fi
rm -f "$ENVIRONMENT_FOLDER/.locks"
if [[ ! -x $ENVIRONMENT_FOLDER/bin/python ]]; then
  "${PYTHON:-python3.12}" -m venv "$ENVIRONMENT_FOLDER"
fi
# uv's own lines of the lock, hashes included
"$ENVIRONMENT_FOLDER/bin/python" -m pip install --quiet --require-hashes \
  --requirement <(sed -n '/^uv==/,/[^\\]$/p' "$locks/cpu/requirements.txt")
"$ENVIRONMENT_FOLDER/bin/uv" pip sync --quiet --require-hashes --only-binary :all: --compile-bytecode \
  --python "$ENVIRONMENT_FOLDER/bin/python" "${requirements[@]}"
echo "$wanted" > "$ENVIRONMENT_FOLDER/.locks"
