#!/usr/bin/env bash
# Backs up and stops the platform when AWS gives its two minutes' notice to a spot instance.
set -euo pipefail

token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
  http://169.254.169.254/latest/api/token)
# Answers 404 until there is a notice.
if curl --silent --fail --output /dev/null --header "X-aws-ec2-metadata-token: $token" \
  http://169.254.169.254/latest/meta-data/spot/instance-action; then
  # The unit stops its containers only if its start had succeeded; from a start that failed or still runs,
  # they run on. Stopped is also what keeps it from being tried again.
  systemctl stop platform.service || true
  "$(dirname "${BASH_SOURCE[0]}")/stop.sh"
fi
