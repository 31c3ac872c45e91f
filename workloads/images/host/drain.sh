#!/usr/bin/env bash
# Stops the platform in order when AWS gives its two minutes' notice to a spot instance.
set -euo pipefail

token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
  http://169.254.169.254/latest/api/token)
# Answers 404 until there is a notice.
if curl --silent --fail --output /dev/null --header "X-aws-ec2-metadata-token: $token" \
  http://169.254.169.254/latest/meta-data/spot/instance-action; then
  systemctl stop platform.service
fi
