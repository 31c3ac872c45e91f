"""What an instance is given: a small user data at its birth, and an archive of files at every start.

The user data names a parameter that holds the archive's current version in S3, so it never changes and no
update replaces the instance.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from components.common.paths import IMAGES
from components.orchestration.compose.compose_file import render

DOCKER_CLI_IMAGE = "public.ecr.aws/docker/library/docker:28.5.1-cli@sha256:9190b0613792e658a7783cf14b2d5ace5941bb68ede7276922ea36ee457d76ad"  # noqa: E501  # written by `make image-digests`
USER_DATA_LIMIT_BYTES = 16 * 1024  # of EC2, before base 64
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


class _Readable(yaml.SafeDumper):
    """Writes files as the lines that they have: people read user data in the console."""


_Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


@dataclass(frozen=True, kw_only=True)
class InstanceFiles:
    """What tells one instance from another; without a secret it keeps no database and backs nothing up."""

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
            _file("/etc/platform.env", _variables(environment)),
            # Containers run on while the engine is restarted or updated.
            _file("/etc/docker/daemon.json", json.dumps({"live-restore": True})),
            _file("/usr/local/sbin/platform-fetch", _source("host/fetch.sh"), mode="0755"),
            _file("/etc/systemd/system/platform.service", _source("systemd/platform.service")),
        ],
        "runcmd": [["systemctl", "enable", "--now", "docker.service", "platform.service"]],
    }
    if swap_gib:
        config["swap"] = {"filename": "/swapfile", "size": f"{swap_gib}G"}
    return "#cloud-config\n" + yaml.dump(config, Dumper=_Readable, sort_keys=False, width=1000)


def host_files(host: InstanceFiles, compose_file: str) -> dict[str, str]:
    """Every file under `/opt/platform` of an instance, by path."""
    names = [*_EVERYWHERE, *(_WITH_DATABASES if host.secret_id else ()), *(_ON_SPOT if host.spot else ())]
    files = {name: _source(name) for name in names}
    if host.secret_id:
        files["systemd/platform-backup.timer"] = render(
            "systemd/platform-backup.timer.j2", backup_hours=host.backup_hours
        )
    return {
        **files,
        "cloudwatch-agent.json": json.dumps(_agent(host), indent=2),
        "compose.yaml": compose_file,
        "platform.env": _variables(
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


def archive(files: Mapping[str, str]) -> bytes:
    """A gzipped tar of `files`, the same bytes for the same files; scripts are executable."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for path in sorted(files):
            content = files[path].encode()
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o755 if path.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _agent(host: InstanceFiles) -> dict[str, Any]:
    """The CloudWatch agent's config: what EC2 cannot see from outside, and what the containers print."""
    containers = {
        "file_path": "/var/lib/docker/containers/*/*-json.log",
        "log_group_name": host.log_group,
        "log_stream_name": "containers",
        "publish_multi_logs": True,  # without it only the newest of the files is read
    }
    return {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
        "metrics": {
            "namespace": host.metrics_namespace,
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "aggregation_dimensions": [["InstanceId"]],
            "metrics_collected": {
                # Without its device and path, whose values nobody knows beforehand and which cost once more.
                "disk": {
                    "measurement": ["used_percent"],
                    "resources": ["/"],
                    "drop_original_metrics": ["used_percent"],
                },
                "mem": {"measurement": ["used_percent"]},
                "swap": {"measurement": ["used_percent"]},
            },
        },
        "logs": {"logs_collected": {"files": {"collect_list": [containers]}}},
    }


def _source(name: str) -> str:
    return (IMAGES / name).read_text()


def _file(path: str, content: str, mode: str = "0644") -> dict[str, str]:
    return {"path": path, "permissions": mode, "content": content}


def _variables(values: Mapping[str, str]) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in values.items())
