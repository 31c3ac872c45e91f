"""The workstation's scripts for its data, with AWS's own command line and an S3 in moto."""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from components.common.paths import IMAGES, ROOT
from components.workstation.code import pack

AWS_CLI = ROOT / "build" / "aws-cli"
AWS = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(AWS_CLI)!r})
from awscli.clidriver import main
sys.exit(main())
"""
BUCKET = "models"
PREFIX = "experiments/workstation"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    assert AWS_CLI.is_dir(), f"{AWS_CLI} is missing; rm .venv/.installed and run make .venv/.installed"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Host:
    """The scripts of a workstation under a folder, whose bucket keeps versions."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.data, self.work = folder / "data", folder / "data" / "work"
        self.code = folder / "code"
        self._host = folder / "host"
        self.programs = folder / "programs"
        shutil.copytree(IMAGES / "workstation" / "host", self._host)
        for each in (self.work, self.programs, self.code / "workloads" / "notebooks"):
            each.mkdir(parents=True)
        self.program("aws", AWS)
        self.account: dict[str, Any] = {"endpoint_url": endpoint, "region_name": "us-east-1"}
        self.account |= {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        self.s3: Any = boto3.client("s3", **self.account)
        self.values = {
            "CHECKPOINT": f"s3://{BUCKET}/{PREFIX}",
            "CODE_FOLDER": str(self.code),
            "DATA_FOLDER": str(self.data),
            "RUN_FOLDER": str(folder),
            "WORK_USER": getpass.getuser(),
        }
        lines = [f"{name}='{value}'\n" for name, value in self.values.items()]
        (folder / "workstation.env").write_text("".join(lines))
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in self.values},
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def program(self, name: str, text: str) -> None:
        """Puts a program before the machine's own."""
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def run(self, script: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Runs a script as the start does, with what workstation.env says."""
        values = {} if script == "checkpoint.sh" else self.values
        return subprocess.run(
            [self._host / script],
            env={**self.environment, **values, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def keys(self) -> list[str]:
        """The objects of the checkpoint."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=PREFIX).get("Contents", ())
        return [each["Key"].removeprefix(f"{PREFIX}/") for each in found]


@pytest.fixture
def host(tmp_path: Path, endpoint: str) -> Iterator[Host]:
    host = Host(tmp_path, endpoint)
    host.s3.create_bucket(Bucket=BUCKET)
    versioning: Any = {"Status": "Enabled"}
    host.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioning)
    yield host
    boto3.resource("s3", **host.account).Bucket(BUCKET).object_versions.delete()
    host.s3.delete_bucket(Bucket=BUCKET)


def test_a_new_volume_gets_the_last_checkpoint(host: Host) -> None:
    """With what was changed, without what was deleted; the bucket keeps versions of both."""
    assert host.run("restore.sh").returncode == 0
    (host.work / "my notes").mkdir()
    (host.work / "my notes" / "one.txt").write_text("first")
    (host.work / "gone.txt").write_text("gone")
    assert host.run("checkpoint.sh").returncode == 0
    (host.work / "my notes" / "one.txt").write_text("second, longer")
    (host.work / "gone.txt").unlink()
    assert host.run("checkpoint.sh").returncode == 0
    shutil.rmtree(host.data)
    host.work.mkdir(parents=True)
    done = host.run("restore.sh")
    assert done.returncode == 0, done.stderr
    assert [str(path.relative_to(host.work)) for path in host.work.rglob("*.txt")] == ["my notes/one.txt"]
    assert (host.work / "my notes" / "one.txt").read_text() == "second, longer"
    versions = host.s3.list_object_versions(Bucket=BUCKET, Prefix=PREFIX)
    assert len(versions["Versions"]) == 3
    assert [one["Key"] for one in versions["DeleteMarkers"]] == [f"{PREFIX}/gone.txt"]


def test_an_empty_folder_replaces_no_checkpoint(host: Host) -> None:
    """One whose volume is not mounted, or that was never restored."""
    host.s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/work.txt", Body=b"work")
    done = host.run("checkpoint.sh")
    assert done.returncode == 1
    assert "is not restored; the checkpoint stays as it is" in done.stderr
    assert host.keys() == ["work.txt"]


def test_a_restore_that_fails_is_tried_again(host: Host) -> None:
    """It leaves no mark, and so no checkpoint is made meanwhile."""
    host.s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/work.txt", Body=b"work")
    assert host.run("restore.sh", AWS_ENDPOINT_URL="http://127.0.0.1:9").returncode != 0
    assert host.run("checkpoint.sh").returncode == 1
    assert host.run("restore.sh").returncode == 0
    assert (host.work / "work.txt").read_text() == "work"


def test_a_notebook_of_ones_own_stays(host: Host) -> None:
    (host.code / "workloads" / "notebooks" / "starter.ipynb").write_text("new")
    host.run("restore.sh")
    (host.work / "starter.ipynb").write_text("mine")
    assert host.run("restore.sh").returncode == 0
    assert (host.work / "starter.ipynb").read_text() == "mine"


def test_the_code_is_the_one_that_was_packed(host: Host, tmp_path: Path) -> None:
    """It can be imported; another archive under the same key is refused, and the code of before stays."""
    code = pack(tmp_path / "packed")
    key = "platform/workstation-code.tar.gz"
    version = host.s3.put_object(Bucket=BUCKET, Key=key, Body=code.path.read_bytes())["VersionId"]
    place = {"FILES_BUCKET": BUCKET, "CODE_KEY": key, "CODE_VERSION": version}
    done = host.run("code.sh", **place, CODE_SHA256=code.sha256)
    assert done.returncode == 0, done.stderr
    imported = "import workloads.data.months as found; print(found.__file__)"
    shown = subprocess.run(
        [sys.executable, "-c", imported],
        env={"PYTHONPATH": str(host.code), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.strip() == str(host.code / "workloads" / "data" / "months.py")
    assert (host.code / "workloads/images/workstation/cpu/requirements.txt").is_file()
    refused = host.run("code.sh", **place, CODE_SHA256="0" * 64)
    assert refused.returncode == 1
    assert "is not what the stack packed" in refused.stderr
    assert (host.code / ".sha256").read_text().strip() == code.sha256


def test_only_a_new_volume_gets_a_file_system(host: Host, tmp_path: Path) -> None:
    """One that holds something is mounted as it is, and grown."""
    calls = tmp_path / "calls"
    for name, code in {"mount": 0, "mountpoint": 1, "resize2fs": 0}.items():
        host.program(name, f'#!/bin/sh\necho "{name} $*" >> {calls}\nexit {code}\n')
    device = tmp_path / "device"
    with device.open("wb") as file:
        file.truncate(8 * 1024**2)
    found = []
    for _ in range(2):
        done = host.run("mount.sh", DATA_DEVICE=str(device))
        assert done.returncode == 0, done.stderr
        found.append(device.read_bytes()[1024:2048])  # the superblock, with the file system's id
    assert found[0] == found[1]
    assert found[0][0x38:0x3A] == b"\x53\xef"
    assert calls.read_text().count(f"mount -o noatime {device} {host.data}\n") == 2
    assert f"resize2fs {device}\n" in calls.read_text()
    assert (host.data / "home").is_dir()


def test_a_missing_volume_fails_the_start(host: Host, tmp_path: Path) -> None:
    done = host.run("mount.sh", DATA_DEVICE=str(tmp_path / "none"), DEVICE_SECONDS="0")
    assert done.returncode == 1
    assert "the data volume is not attached; run pulumi up" in done.stderr


def test_a_notice_makes_one_checkpoint(host: Host) -> None:
    """AWS's notice stands for two minutes, and the timer looks every five seconds."""
    host.run("restore.sh")
    host.program(
        "curl", '#!/bin/sh\ncase "$*" in *instance-action*) [ -e "$NOTICE" ] && cat "$NOTICE";; esac\n'
    )
    notice = host.data / "notice"
    (host.work / "one.txt").write_text("one")
    assert host.run("drain.sh", NOTICE=str(notice)).returncode == 0
    assert host.keys() == []
    notice.write_text('{"action": "stop", "time": "2026-01-01T00:00:00Z"}')
    assert host.run("drain.sh", NOTICE=str(notice)).returncode == 0
    assert host.keys() == ["one.txt"]
    (host.work / "two.txt").write_text("two")
    assert host.run("drain.sh", NOTICE=str(notice)).returncode == 0
    assert host.keys() == ["one.txt"]


def test_packages_are_installed_once(host: Host, tmp_path: Path) -> None:
    """By their hashes, uv first; another lock installs again."""
    locks = host.code / "workloads" / "images" / "workstation"
    for name in ("cpu", "torch"):
        (locks / name).mkdir(parents=True)
        (locks / name / "requirements.txt").write_text(f"uv==1 \\\n    --hash=sha256:00\n{name}==1\n")
    calls, environment = tmp_path / "calls", tmp_path / "environment"
    tool = f'#!/bin/sh\necho "$(basename "$0") $*" >> {calls}\n'
    for name in ("tool", "python-of-the-system"):
        host.program(name, tool)
    made = f'mkdir -p "$3/bin"; for each in python uv; do cp {host.programs}/tool "$3/bin/$each"; done\n'
    host.program("python-of-the-system", f"{tool}{made}")
    values = {
        "PYTHON": "python-of-the-system",
        "ENVIRONMENT_FOLDER": str(environment),
        "LOCKS": "cpu torch",
    }
    for _ in range(2):
        done = host.run("environment.sh", **values)
        assert done.returncode == 0, done.stderr
    first, second, third = calls.read_text().splitlines()
    assert first.startswith("python-of-the-system -m venv")
    assert second.startswith("python -m pip install --quiet --require-hashes")
    assert third.startswith("uv pip sync --quiet --require-hashes")
    assert third.endswith(f"{locks}/cpu/requirements.txt {locks}/torch/requirements.txt")
    host.run("environment.sh", **{**values, "LOCKS": "cpu"})
    assert len(calls.read_text().splitlines()) == 5
