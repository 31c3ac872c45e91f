"""What the workstation is given: a small user data at its birth, and an archive of files at every start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.common.instance_files import agent_config, cloud_config, file, variables
from components.common.paths import IMAGES
from components.common.templates import render
from components.workstation.settings import WorkstationSettings

USER, _USER_ID = "scientist", 1500  # the id stays, for the files on the data volume are of it
_SOURCE = IMAGES / "workstation"
_PACKAGES = ("amazon-cloudwatch-agent", "git", "jq", "python3.12", "tmux", "vim-enhanced")
_SPOT_ALONE = "workstation-drain"
_LOGS = "/var/log/workstation"
# Where the scripts find what. DATA_DEVICE is a link that Amazon Linux makes for the name in the attachment.
_PLACES = {
    "CODE_FOLDER": "/opt/workstation/code",
    "DATA_DEVICE": "/dev/sdf",
    "DATA_FOLDER": "/data",
    "ENVIRONMENT_FOLDER": "/opt/workstation/environment",
    "JUPYTER_RUNTIME_DIR": "/run/workstation-jupyter",
    "LOG_FOLDER": _LOGS,
    "RUN_FOLDER": "/run/workstation",
    "WORK_USER": USER,
}


@dataclass(frozen=True, kw_only=True)
class HostFiles:
    """What the files tell the workstation: `variables` are of its environment, `locks` of its packages."""

    settings: WorkstationSettings
    locks: tuple[str, ...]
    log_group: str
    metrics_namespace: str
    variables: Mapping[str, str]


def user_data(*, region: str, bucket: str, key: str, parameter: str) -> str:
    """The cloud-config of the first boot."""
    environment = {
        "AWS_DEFAULT_REGION": region,
        "FILES_BUCKET": bucket,
        "FILES_KEY": key,
        "FILES_PARAMETER": parameter,
    }
    return cloud_config(
        {
            "packages": list(_PACKAGES),
            "users": [
                "default",
                {
                    "name": USER,
                    "uid": _USER_ID,
                    "homedir": "/data/home",
                    "no_create_home": True,  # it is on the data volume
                    "shell": "/bin/bash",
                },
            ],
            "write_files": [
                file("/etc/platform.env", variables(environment)),
                file("/usr/local/sbin/platform-fetch", _text(IMAGES / "host" / "fetch.sh"), mode="0755"),
                file(
                    "/etc/systemd/system/workstation.service",
                    _text(_SOURCE / "systemd" / "workstation.service"),
                ),
            ],
            "runcmd": [["systemctl", "enable", "--now", "workstation.service"]],
        }
    )


def host_files(of: HostFiles) -> dict[str, str]:
    """Every file under `/opt/platform` of the workstation, by path."""
    settings = of.settings
    sources = [*(_SOURCE / "host").iterdir(), *(_SOURCE / "systemd").iterdir()]
    files = {
        f"{path.parent.name}/{path.name}": _text(path)
        for path in sources
        if path.suffix in (".sh", ".py", ".service", ".timer")
        and path.name != "workstation.service"
        and (settings.workstation_spot or not path.name.startswith((_SPOT_ALONE, "drain")))
    }
    return {
        **files,
        "systemd/workstation-checkpoint.timer": render(
            "workstation/systemd/workstation-checkpoint.timer.j2",
            checkpoint_minutes=settings.workstation_checkpoint_minutes,
        ),
        "cloudwatch-agent.json": agent_config(
            namespace=of.metrics_namespace,
            log_group=of.log_group,
            log_stream="services",
            log_files=f"{_LOGS}/*.log",
            volumes=("/", _PLACES["DATA_FOLDER"]),
        ),
        "workstation.env": variables(
            {
                **_PLACES,
                **of.variables,
                "IDLE_CPU_PERCENT": str(settings.workstation_idle_cpu_percent),
                "IDLE_MINUTES": str(settings.workstation_idle_minutes),
                "LOCKS": " ".join(of.locks),
                "METRICS_NAMESPACE": of.metrics_namespace,
            }
        ),
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
