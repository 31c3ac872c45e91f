#!/usr/bin/env bash
# Unpacks the files that the stack names, by their version in S3, to /opt/platform.
# They are replaced one by one: containers have /opt/platform/bin mounted and see the new ones.
set -euo pipefail
: "${AWS_DEFAULT_REGION:?}" "${FILES_BUCKET:?}" "${FILES_KEY:?}" "${FILES_PARAMETER:?}"

version=$(aws ssm get-parameter --name "$FILES_PARAMETER" --query Parameter.Value --output text)
if [[ $(cat /opt/platform/version 2>/dev/null) == "$version" ]]; then
  exit
fi
aws s3api get-object --bucket "$FILES_BUCKET" --key "$FILES_KEY" --version-id "$version" /run/platform.tar.gz
mkdir -p /opt/platform
tar --extract --gzip --no-same-owner --file /run/platform.tar.gz --directory /opt/platform
echo "$version" > /opt/platform/version
