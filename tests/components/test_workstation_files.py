"""The workstation's user data: what cloud-init accepts, small, and without a secret."""

import json
from pathlib import Path

import jsonschema
import yaml

from components.common.instance_files import USER_DATA_LIMIT_BYTES
from components.workstation.files import user_data

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "cloud-config.json").read_text())
USER_DATA = user_data(
    region="us-east-1",
    bucket="mlops-taxi-prediction-data-storage-dev",
    key="platform/workstation.tar.gz",
    parameter="/mlops-taxi-prediction/dev/workstation/files-version",
)


def test_cloud_init_accepts_the_user_data() -> None:
    validator = jsonschema.Draft4Validator(SCHEMA)
    found = yaml.safe_load(USER_DATA)
    validator.validate(found)
    assert not validator.is_valid({**found, "users": [{"nme": 1, "uid": []}]})


def test_user_data_is_small_and_holds_no_secret() -> None:
    assert USER_DATA.startswith("#cloud-config\n")
    assert len(USER_DATA.encode()) < USER_DATA_LIMIT_BYTES
    assert "token" not in USER_DATA.lower()
    assert "password" not in USER_DATA.lower()
