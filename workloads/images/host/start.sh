#!/usr/bin/env bash
# Brings the containers up; runs at every boot and after every update, and changes only what differs.
# Secrets are kept in /run alone, which is memory: nothing of them is on the volume or in its snapshots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -o allexport
# shellcheck source=/dev/null
source platform.env
set +o allexport
umask 077
# On the volume of the databases: there from the first start that has made them.
made=/var/lib/platform/databases-made
mkdir -p /run/platform /var/lib/platform/restore

metadata() {
  local token
  token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token)
  curl --silent --fail --header "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}

timers() {
  install --mode 0644 systemd/* /etc/systemd/system/ \
    && systemctl daemon-reload \
    && systemctl enable --now "${units[@]##*/}"
}

compose_plugin() {
  local folder=/usr/local/lib/docker/cli-plugins container
  if [[ $(cat "$folder/image" 2>/dev/null) == "$DOCKER_CLI_IMAGE" ]]; then
    return
  fi
  # Amazon Linux packages Docker without Compose; Docker's own image has it as one static program.
  mkdir -p "$folder"
  container=$(docker create "$DOCKER_CLI_IMAGE")
  docker cp "$container:/usr/local/libexec/docker/cli-plugins/docker-compose" "$folder/docker-compose"
  docker rm "$container"
  echo "$DOCKER_CLI_IMAGE" > "$folder/image"
}

secrets() {
  local values file
  values=$(aws secretsmanager get-secret-value --secret-id "$SECRET_ID" --query SecretString --output text)
  for file in $(jq --raw-output 'keys[]' <<<"$values"); do
    jq --raw-output --arg file "$file" '.[$file] | to_entries[] | "\(.key)=\(.value)"' <<<"$values" \
      > "/run/platform/$file.env"
  done
}

backups() {
  # At every start until the databases are made: one that could not be read may have been repaired since.
  # It fails the start, for to begin with an empty database would be to lose the old one at the next backup.
  if [[ ! -e $made ]]; then
    rm -rf /var/lib/platform/restore/*
    aws s3 cp --recursive --quiet "$BACKUPS" /var/lib/platform/restore
    chmod -R a+rX /var/lib/platform/restore
  fi
}

# First of all and whatever becomes of the rest: they report a start that fails, and heed a spot notice.
units=(systemd/*.timer)
timers || echo "the timers could not be started" >&2
amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/platform/cloudwatch-agent.json \
  || echo "the CloudWatch agent could not be started" >&2

printf 'PUBLIC_HOST=%s\nPRIVATE_HOST=%s\n' \
  "$(metadata public-ipv4 || metadata local-ipv4)" "$(metadata local-ipv4)" > /run/platform/host.env
compose_plugin
if [[ -n ${SECRET_ID:-} ]]; then
  secrets
fi
if [[ -n ${BACKUPS:-} ]]; then
  backups
fi
export DOCKER_CONFIG=/run/platform/docker
for registry in ${REGISTRIES:-}; do
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
done
docker compose --env-file /run/platform/host.env up --detach --quiet-pull --remove-orphans
touch "$made"
docker image prune --force --all --filter until=24h
