#!/usr/bin/env bash
# Ends this worker and lowers what its group wants by one; AWS refuses it where the group has its least.
set -euo pipefail
METADATA=${METADATA:-http://169.254.169.254/latest}

token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$METADATA/api/token")
instance=$(curl --silent --fail --header "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/instance-id")
aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$instance" \
  --should-decrement-desired-capacity > /dev/null
