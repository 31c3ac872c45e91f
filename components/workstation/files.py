"""What the workstation is given: a small user data at its birth, and an archive of files at every start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.common.instance_files import agent_config, cloud_config, file, variables
from components.common.paths import IMAGES
from components.common.templates import render
from components.workstation.settings import WorkstationSettings

USER, USER_ID = "scientist", 1500  # the id stays, for the files on the data volume are of it
_SOURCE = IMAGES / "workstation"
_PACKAGES = ("amazon-cloudwatch-agent", "git", "jq", "python3.12", "tmux", "vim-enhanced")
_SPOT_ALONE = ("drain", "workstation-drain")
_SHARED_ALONE = ("jobs.py", "shared.sh")
_WORKERS_ALONE = ("leave.sh", "worker.sh", "worker-jobs.service")
_BOTH = ("code.sh", "environment.sh", "secrets.sh")
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
    "SHARED_FOLDER": "/shared",
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


def user_data(
    *, region: str, bucket: str, key: str, parameter: str, unit: str = "workstation", home: str = "/data/home"
) -> str:
    """The cloud-config of the first boot, which starts the systemd unit `unit`."""
    environment = {
        "AWS_DEFAULT_REGION": region,
        "FILES_BUCKET": bucket,
        "FILES_KEY": key,
        "FILES_PARAMETER": parameter,
    }
    on_data_volume = home.startswith(_PLACES["DATA_FOLDER"])
    return cloud_config(
        {
            "packages": list(_PACKAGES),
            "users": [
                "default",
                {
                    "name": USER,
                    "uid": USER_ID,
                    "homedir": home,
                    **({"no_create_home": True} if on_data_volume else {}),
                    "shell": "/bin/bash",
                },
            ],
            "write_files": [
                file("/etc/platform.env", variables(environment)),
                file("/usr/local/sbin/platform-fetch", _text(IMAGES / "host" / "fetch.sh"), mode="0755"),
                file(
                    f"/etc/systemd/system/{unit}.service",
                    _text(_SOURCE / "systemd" / f"{unit}.service"),
                ),
            ],
            "runcmd": [["systemctl", "enable", "--now", f"{unit}.service"]],
        }
    )


def host_files(of: HostFiles) -> dict[str, str]:
    """Every file under `/opt/platform` of the workstation, by path."""
    settings = of.settings
    left_out = (
        *_WORKERS_ALONE,
        *(() if settings.workstation_spot else _SPOT_ALONE),
        *(() if settings.workstation_workers_max else _SHARED_ALONE),
    )
    files = {path: text for path, text in _sources().items() if not _name(path).startswith(left_out)}
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
            {**_environment(of), "IDLE_CPU_PERCENT": str(settings.workstation_idle_cpu_percent)}
        ),
    }


def worker_files(of: HostFiles) -> dict[str, str]:
    """Every file under `/opt/platform` of a worker, by path."""
    own = (*_WORKERS_ALONE, *_SHARED_ALONE, *_BOTH)
    return {
        **{path: text for path, text in _sources().items() if _name(path) in own},
        "cloudwatch-agent.json": agent_config(
            namespace=of.metrics_namespace,
            log_group=of.log_group,
            log_stream="worker-{instance_id}",
            log_files=f"{_LOGS}/*.log",
        ),
        "workstation.env": variables(_environment(of)),
    }


def _environment(of: HostFiles) -> dict[str, str]:
    return {
        **_PLACES,
        **of.variables,
        "IDLE_MINUTES": str(of.settings.workstation_idle_minutes),
        "LOCKS": " ".join(of.locks),
        "METRICS_NAMESPACE": of.metrics_namespace,
    }


def _sources() -> dict[str, str]:
    """The scripts and units that no template makes and user data does not hold, by path."""
    return {
        f"{path.parent.name}/{path.name}": _text(path)
        for path in (*(_SOURCE / "host").iterdir(), *(_SOURCE / "systemd").iterdir())
        if path.suffix in (".sh", ".py", ".service", ".timer")
        and path.name not in ("workstation.service", "worker.service")
    }


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
