"""What the project takes from elsewhere is pinned: packages by hash, base images by digest."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "workloads" / "images"
DOCKERFILES = [ROOT / "lambda" / "Dockerfile", *sorted(IMAGES.glob("*/Dockerfile"))]
LOCKS = [
    ROOT / "requirements.txt",
    ROOT / "lambda" / "requirements.txt",
    ROOT / "tests" / "lambda" / "runtime" / "requirements.txt",
    ROOT / "tests" / "workloads" / "images" / "aws" / "requirements.txt",
    *sorted(IMAGES.glob("*/requirements.txt")),
    *sorted(IMAGES.glob("workstation/*/requirements.txt")),
]


def logical_lines(text: str) -> list[str]:
    """The lines without comments, those that end in a backslash joined with the next."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def locked(lock: Path) -> dict[str, Requirement]:
    lines = (line.split(" --hash=")[0] for line in logical_lines(lock.read_text()))
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_locks_pin_versions_and_hashes(lock: Path) -> None:
    lines = logical_lines(lock.read_text())
    assert lines
    for line in lines:
        assert re.match(r"[\w.-]+==[^\s;]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+$", line), line


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_locks_meet_their_source(lock: Path) -> None:
    """Every line of requirements.in has its pin in the lock beside it, of a version that the line allows."""
    pins = locked(lock)
    for line in logical_lines(lock.with_suffix(".in").read_text()):
        wanted = Requirement(line.split("#")[0])
        (pin,) = pins[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(pin.version), f"{wanted}: run make lock"


@pytest.mark.parametrize(
    "lock",
    [
        lock
        for lock in LOCKS
        if lock.parent.name in ("admin", "automl", "lambda", "mlflow", "serving", "workloads")
    ],
    ids=relative,
)
def test_images_and_predictor_take_the_tested_versions(lock: Path) -> None:
    tested = {name: pin.specifier for name, pin in locked(ROOT / "requirements.txt").items()}
    assert {
        name: pin.specifier for name, pin in locked(lock).items() if name in tested
    }.items() <= tested.items()


@pytest.mark.parametrize("path", [ROOT / "Makefile", *DOCKERFILES], ids=relative)
def test_installs_verify_hashes(path: Path) -> None:
    installs = [
        line for line in logical_lines(path.read_text()) if re.search(r"\bpip (install|sync)\b", line)
    ]
    for line in installs:
        commands = re.findall(r"\bpip (?:install|sync)\b[^&|;]*", line)
        assert all("--require-hashes" in command for command in commands), line


def references() -> dict[str, str]:
    """The digest, or an empty string, of each image that anything here is built from or pulls."""
    images = (path for path in IMAGES.rglob("*") if path.is_file())
    devcontainer = ROOT / ".devcontainer" / "devcontainer.json"
    sources = [*DOCKERFILES, *images, devcontainer, *(ROOT / "components").rglob("*.py")]
    return {
        image: digest
        for path in sources
        for image, digest in re.findall(
            r"(public\.ecr\.aws/[\w/-]+:[\w.-]+)(@sha256:\w{64})?", path.read_text()
        )
    }


def test_base_images_have_digests() -> None:
    found = references()
    assert found
    assert [image for image, digest in found.items() if not digest] == []


def test_dockerfiles_start_from_listed_registries() -> None:
    """No base escapes the test above by coming from a registry that it does not look for."""
    for path in DOCKERFILES:
        for line in path.read_text().splitlines():
            if line.startswith("FROM "):
                assert re.match(r"FROM (public\.ecr\.aws/|python\$\{PYTHON_VERSION\}$)", line), line


def test_image_digests_are_written_behind_every_tag(tmp_path: Path) -> None:
    """The script against a copy of the sources, with a docker that answers as buildx does."""
    for part in (
        "lambda/Dockerfile",
        "workloads/images",
        "components",
        ".devcontainer",
        "ops/image-digests.sh",
    ):
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, target)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\nprintf "sha256:%s\\n" "$(printf %s "$4" | sha256sum | cut -c -64)"\n')
    docker.chmod(0o755)
    for _ in range(2):  # the second run replaces what the first wrote
        subprocess.run(
            [tmp_path / "ops" / "image-digests.sh"],
            env={"PATH": f"{docker.parent}:/usr/bin:/bin"},
            check=True,
        )
        dockerfile = (tmp_path / "workloads" / "images" / "status" / "Dockerfile").read_text()
        assert re.match(r"FROM public\.ecr\.aws/[\w/:.-]+@sha256:[0-9a-f]{64}\n", dockerfile)
