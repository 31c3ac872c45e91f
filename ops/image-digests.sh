#!/usr/bin/env bash
# Writes behind the tag of each image that anything here is built from or pulls the digest that the tag has
# in its registry now. Run it to pin a new tag, and to take up a tag's newer build.
set -euo pipefail
cd "$(dirname "$0")/.."
files=$(grep -rIlE --exclude-dir=__pycache__ 'public\.ecr\.aws/' lambda workloads/images components .devcontainer)
# shellcheck disable=SC2086 # names of files in this repository have no spaces
images=$(grep -hoE 'public\.ecr\.aws/[a-z0-9/_-]+:[A-Za-z0-9][A-Za-z0-9._-]*' $files | sort -u)
for image in $images; do
  digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
  if ! [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
    echo "$image: the registry answered with the digest '$digest'; nothing was written for it" >&2
    exit 1
  fi
  # what stands behind the tag must not be more of the tag: 7.4.6 is not 7.4.6-bookworm
  # shellcheck disable=SC2086
  sed -i -E "s#${image//./\\.}(@sha256:[0-9a-f]{64})?([^A-Za-z0-9._@-]|\$)#$image@$digest\\2#g" $files
  echo "$image@$digest"
done
