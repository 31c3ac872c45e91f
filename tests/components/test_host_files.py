"""What instances are given: user data that cloud-init accepts, and an archive whose scripts hold."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import jsonschema
import pytest
import yaml

from components.common.instance_files import USER_DATA_LIMIT_BYTES, archive
from components.common.paths import IMAGES
from components.common.repository import registries, repository_arns
from components.orchestration.compose.host_files import InstanceFiles, host_files, user_data

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "cloud-config.json").read_text())
BIN = Path(sys.executable).parent
USER_DATA = user_data(
    region="us-east-1",
    bucket="mlops-taxi-prediction-data-storage-dev",
    key="platform/orchestration.tar.gz",
    parameter="/mlops-taxi-prediction/dev/orchestration/files-version",
    swap_gib=2,
)
PLAIN = InstanceFiles(
    name="frontend", region="us-east-1", log_group="/ec2/frontend", metrics_namespace="mlops"
)
WITH_DATABASES = InstanceFiles(
    name="orchestration",
    region="us-east-1",
    log_group="/ec2/orchestration",
    metrics_namespace="mlops",
    registries=("123456789012.dkr.ecr.us-east-1.amazonaws.com",),
    secret_id="arn:aws:secretsmanager:us-east-1:123456789012:secret:s",
    backups="s3://data/platform/backups/",
    backup_hours=6,
    spot=True,
)


def test_user_data_is_what_cloud_init_accepts() -> None:
    assert USER_DATA.startswith("#cloud-config\n")
    jsonschema.Draft4Validator(SCHEMA).validate(yaml.safe_load(USER_DATA))


def test_the_schema_would_see_a_misspelt_key() -> None:
    misspelt = yaml.safe_load(USER_DATA) | {"run_cmd": []}
    assert not jsonschema.Draft4Validator(SCHEMA).is_valid(misspelt)


def test_user_data_is_small_and_holds_no_secret() -> None:
    assert len(USER_DATA.encode()) < USER_DATA_LIMIT_BYTES / 4
    assert "secret" not in USER_DATA.lower().replace("# secrets", "")
    assert "password" not in USER_DATA.lower()


def test_without_swap_none_is_made() -> None:
    without = user_data(region="r", bucket="b", key="k", parameter="p", swap_gib=0)
    assert "swap" not in yaml.safe_load(without)


def test_every_shell_script_passes_shellcheck() -> None:
    scripts = sorted(str(path) for path in IMAGES.rglob("*.sh"))
    assert len(scripts) > 5
    done = subprocess.run(
        [BIN / "shellcheck", "--severity=style", *scripts], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_dockerfile_passes_hadolint() -> None:
    files = sorted(str(path) for path in IMAGES.rglob("Dockerfile"))
    assert files
    done = subprocess.run([BIN / "hadolint", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted(IMAGES.rglob("Dockerfile")), ids=lambda path: path.parent.name)
def test_images_are_exact_and_not_root(path: Path) -> None:
    lines = path.read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(base.partition("@")[0].rsplit(":", 1)[1].count(".") >= 2 for base in bases)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 50000"]


def test_archive_is_deterministic() -> None:
    """And scripts in it are executable."""
    files = host_files(WITH_DATABASES, "services: {}\n")
    assert archive(files) == archive(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(archive(files))) as tar:
        unpacked = {entry.name: entry for entry in tar}
        content = tar.extractfile("compose.yaml")
        assert content is not None
        assert content.read() == b"services: {}\n"
    assert unpacked.keys() == files.keys()
    assert all(bool(entry.mode & 0o100) == name.endswith(".sh") for name, entry in unpacked.items())


def test_what_a_unit_starts_is_in_the_archive_or_the_user_data() -> None:
    for host in (PLAIN, WITH_DATABASES):
        files = host_files(host, "")
        for name, text in files.items():
            if name.startswith("systemd/"):
                started = [line.split("=", 1)[1] for line in text.splitlines() if line.startswith("Exec")]
                for command in started:
                    inside = command.removeprefix("/opt/platform/")
                    assert inside in files or command == "/usr/local/sbin/platform-fetch"


def test_timers_of_each_host() -> None:
    """Only a host with databases backs up, and only a spot instance watches for its end."""
    plain, full = host_files(PLAIN, ""), host_files(WITH_DATABASES, "")
    assert {"host/backup.sh", "host/drain.sh", "systemd/platform-backup.timer"} <= full.keys()
    assert not {"host/backup.sh", "host/drain.sh", "systemd/platform-backup.timer"} & plain.keys()
    assert "OnUnitActiveSec=6h" in full["systemd/platform-backup.timer"]


def test_the_environment_file_can_be_read_by_a_shell() -> None:
    text = host_files(WITH_DATABASES, "")["platform.env"]
    script = f"set -euo pipefail\n{text}\necho $REGISTRIES $BACKUPS"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.split() == [*WITH_DATABASES.registries, WITH_DATABASES.backups]


def test_agent_ships_logs_and_metrics() -> None:
    """Every container's log, and the metrics that EC2 itself does not have."""
    agent = json.loads(host_files(PLAIN, "")["cloudwatch-agent.json"])
    (logs,) = agent["logs"]["logs_collected"]["files"]["collect_list"]
    assert (logs["log_group_name"], logs["publish_multi_logs"]) == ("/ec2/frontend", True)
    assert agent["metrics"]["metrics_collected"].keys() == {"disk", "mem", "swap"}


def test_only_images_in_ecr_need_rights_and_a_login() -> None:
    ours = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/airflow:7"
    uris = [ours, "public.ecr.aws/mlflow:3", "ghcr.io/team/mlflow@sha256:" + "0" * 64]
    assert len(list(repository_arns(uris, "aws"))) == 1
    assert registries(uris) == ("123456789012.dkr.ecr.eu-north-1.amazonaws.com",)
