#!/usr/bin/env bash
# Unpacks the workloads, the locks and the starter notebook, in the version that the stack names and no other.
set -euo pipefail
: "${FILES_BUCKET:?}" "${CODE_KEY:?}" "${CODE_VERSION:?}" "${CODE_SHA256:?}" "${CODE_FOLDER:?}"

if [[ $(cat "$CODE_FOLDER/.sha256" 2>/dev/null) == "$CODE_SHA256" ]]; then
  exit
fi
packed=$(mktemp)
trap 'rm -f "$packed"' EXIT
aws s3api get-object --bucket "$FILES_BUCKET" --key "$CODE_KEY" --version-id "$CODE_VERSION" "$packed" > /dev/null
if ! sha256sum --status --check <<<"$CODE_SHA256  $packed"; then
  echo "s3://$FILES_BUCKET/$CODE_KEY: is not what the stack packed (sha256 $CODE_SHA256); run pulumi up" >&2
  exit 1
fi
# Beside the old one first: a notebook that imports meanwhile finds either the old modules or the new.
rm -rf "$CODE_FOLDER.new"
mkdir -p "$CODE_FOLDER.new"
tar --extract --gzip --no-same-owner --file "$packed" --directory "$CODE_FOLDER.new"
echo "$CODE_SHA256" > "$CODE_FOLDER.new/.sha256"
chmod -R a+rX "$CODE_FOLDER.new"
rm -rf "$CODE_FOLDER"
mv "$CODE_FOLDER.new" "$CODE_FOLDER"
