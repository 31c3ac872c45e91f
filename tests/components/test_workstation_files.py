"""The workstation's user data: what cloud-init accepts, small, and without a secret."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from components.common.instance_files import USER_DATA_LIMIT_BYTES
from components.workstation.files import user_data

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "cloud-config.json").read_text())
TOLD = {
    "region": "us-east-1",
    "bucket": "mlops-taxi-prediction-data-storage-dev",
    "key": "platform/workstation.tar.gz",
    "parameter": "/mlops-taxi-prediction/dev/workstation/files-version",
}
BY_KIND = {
    "workstation": user_data(**TOLD),
    "worker": user_data(**TOLD, unit="worker", home="/home/scientist"),
}


@pytest.fixture(params=BY_KIND)
def made(request: pytest.FixtureRequest) -> str:
    return BY_KIND[request.param]


def test_cloud_init_accepts_the_user_data(made: str) -> None:
    validator = jsonschema.Draft4Validator(SCHEMA)
    found = yaml.safe_load(made)
    validator.validate(found)
    assert not validator.is_valid({**found, "users": [{"nme": 1, "uid": []}]})


def test_user_data_is_small_and_holds_no_secret(made: str) -> None:
    assert made.startswith("#cloud-config\n")
    assert len(made.encode()) < USER_DATA_LIMIT_BYTES
    assert "token" not in made.lower()
    assert "password" not in made.lower()


def test_homes_are_made_but_for_the_data_volumes() -> None:
    """The workstation's is on its data volume, and comes with it."""
    users = {kind: yaml.safe_load(text)["users"][1] for kind, text in BY_KIND.items()}
    assert users["workstation"]["no_create_home"] is True
    assert "no_create_home" not in users["worker"]
