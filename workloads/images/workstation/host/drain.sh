#!/usr/bin/env bash
# Makes a checkpoint when AWS gives its two minutes' notice to a spot instance, once for each notice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source workstation.env
set +o allexport

token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
  http://169.254.169.254/latest/api/token)
# Answers 404 until there is a notice.
notice=$(curl --silent --fail --header "X-aws-ec2-metadata-token: $token" \
  http://169.254.169.254/latest/meta-data/spot/instance-action) || exit 0
if [[ $(cat "$RUN_FOLDER/notice" 2>/dev/null) != "$notice" ]]; then
  host/checkpoint.sh
  echo "$notice" > "$RUN_FOLDER/notice"
fi
