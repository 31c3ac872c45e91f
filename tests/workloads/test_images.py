"""Each image has the packages that what runs in it imports."""

import re
from pathlib import Path

import pytest

WORKLOADS = Path(__file__).parents[2] / "workloads"
IMAGES = ("airflow", "automl", "status")
IMPORT = re.compile(r"^\s*(?:from|import) workloads\.(\w+)", re.MULTILINE)
COMMAND = re.compile(r"""["'](\w+) \w+.*?["']""")


def copied(image: str) -> set[str]:
    dockerfile = (WORKLOADS / "images" / image / "Dockerfile").read_text()
    return set(re.findall(r"^COPY (\w+) /opt/platform/workloads/\1$", dockerfile, re.MULTILINE))


@pytest.mark.parametrize("image", IMAGES)
def test_images_have_what_their_packages_import(image: str) -> None:
    packages = copied(image)
    imported = {
        found
        for package in packages
        for file in (WORKLOADS / package).rglob("*.py")
        for found in IMPORT.findall(file.read_text())
    }
    assert packages
    assert imported <= packages


def test_airflow_has_what_its_dags_run() -> None:
    packages = {folder.name for folder in WORKLOADS.iterdir() if (folder / "__main__.py").exists()}
    named = {
        word
        for file in (WORKLOADS / "dags").glob("*.py")
        for word in COMMAND.findall(file.read_text())
        if word in packages
    }
    assert "training" in named
    assert named <= copied("airflow")
