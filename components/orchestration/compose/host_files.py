"""What an instance is given: a small user data at its birth, and an archive of files at every start.

The user data names a parameter that holds the archive's current version in S3, so it never changes and no
update replaces the instance.
"""

import json
from dataclasses import dataclass
from typing import Any

from components.common.instance_files import agent_config, cloud_config, file, variables
from components.common.paths import IMAGES
from components.common.templates import render

DOCKER_CLI_IMAGE = "public.ecr.aws/docker/library/docker:28.5.1-cli@sha256:9190b0613792e658a7783cf14b2d5ace5941bb68ede7276922ea36ee457d76ad"  # noqa: E501  # written by `make image-digests`
_BOOT_PACKAGES = ["amazon-cloudwatch-agent", "docker", "jq"]
_EVERYWHERE = (
    "bin/check.py",
    "host/health.sh",
    "host/start.sh",
    "host/stop.sh",
    "systemd/platform.service",
    "systemd/platform-health.service",
    "systemd/platform-health.timer",
)
_WITH_DATABASES = (
    "bin/airflow-migrate.sh",
    "bin/databases.py",
    "bin/mlflow.sh",
    "bin/restore.sh",
    "host/backup.sh",
    "systemd/platform-backup.service",
)
_ON_SPOT = ("host/drain.sh", "systemd/platform-drain.service", "systemd/platform-drain.timer")


@dataclass(frozen=True, kw_only=True)
class InstanceFiles:
    """What tells one instance from another; without `backups` it keeps no database."""

    name: str
    region: str
    log_group: str
    metrics_namespace: str
    registries: tuple[str, ...] = ()
    secret_id: str = ""
    backups: str = ""
    backup_hours: int = 0
    spot: bool = False


def user_data(*, region: str, bucket: str, key: str, parameter: str, swap_gib: int) -> str:
    """The cloud-config of an instance's first boot."""
    environment = {
        "AWS_DEFAULT_REGION": region,
        "FILES_BUCKET": bucket,
        "FILES_KEY": key,
        "FILES_PARAMETER": parameter,
    }
    config: dict[str, Any] = {
        "packages": _BOOT_PACKAGES,
        "write_files": [
            file("/etc/platform.env", variables(environment)),
            # Containers run on while the engine is restarted or updated.
            file("/etc/docker/daemon.json", json.dumps({"live-restore": True})),
            file("/usr/local/sbin/platform-fetch", _source("host/fetch.sh"), mode="0755"),
            file("/etc/systemd/system/platform.service", _source("systemd/platform.service")),
        ],
        "runcmd": [["systemctl", "enable", "--now", "docker.service", "platform.service"]],
    }
    if swap_gib:
        config["swap"] = {"filename": "/swapfile", "size": f"{swap_gib}G"}
    return cloud_config(config)


def host_files(host: InstanceFiles, compose_file: str) -> dict[str, str]:
    """Every file under `/opt/platform` of an instance, by path."""
    names = [*_EVERYWHERE, *(_WITH_DATABASES if host.backups else ()), *(_ON_SPOT if host.spot else ())]
    files = {name: _source(name) for name in names}
    if host.backups:
        files["systemd/platform-backup.timer"] = render(
            "systemd/platform-backup.timer.j2", backup_hours=host.backup_hours
        )
    return {
        **files,
        "cloudwatch-agent.json": agent_config(
            namespace=host.metrics_namespace,
            log_group=host.log_group,
            log_stream="containers",
            log_files="/var/lib/docker/containers/*/*-json.log",
        ),
        "compose.yaml": compose_file,
        "platform.env": variables(
            {
                "AWS_DEFAULT_REGION": host.region,
                "BACKUPS": host.backups,
                "DOCKER_CLI_IMAGE": DOCKER_CLI_IMAGE,
                "HOST_NAME": host.name,
                "METRICS_NAMESPACE": host.metrics_namespace,
                "REGISTRIES": " ".join(host.registries),
                "SECRET_ID": host.secret_id,
            }
        ),
    }


def _source(name: str) -> str:
    return (IMAGES / name).read_text()
