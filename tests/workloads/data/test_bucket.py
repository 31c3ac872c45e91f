"""Months in the data bucket's `raw/green/`, which are taken before any others."""

from pathlib import Path
from typing import Any

import pytest
from moto.core import set_initial_no_auth_action_count

from tests.workloads.conftest import Connect
from workloads.data import synthetic
from workloads.data.fetch import Months, fetch
from workloads.data.months import DataError, file_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two months."""
    for month in ("2023-01", "2023-02"):
        synthetic.generate(tmp_path / "given", month)
    return tmp_path / "given"


def find(connect: Connect, cache: Path, folder: Path, *, bucket: str = "data") -> Months:
    environ = {"MLOPS_CACHE_DIR": str(cache), "MLOPS_DATA_DIR": str(folder)}
    months = ["2023-01", "2023-02"]
    return fetch(months, data=None, environ=environ, allow_synthetic=True, bucket=bucket, connect=connect)


def test_bucket_comes_first(s3: Any, tmp_path: Path, folder: Path, offline: Connect) -> None:
    """A month of the bucket is taken from there, another one from where it would be without a bucket."""
    body = synthetic.generate(tmp_path / "other", "2022-01").read_bytes()
    s3.put_object(Bucket="data", Key="raw/green/2023-01.parquet", Body=body)
    found = find(offline, tmp_path / "cache", folder)
    assert found.files["2023-01"].read_bytes() == body
    assert found.files["2023-02"] == folder / file_name("2023-02")
    assert list(found.files) == ["2023-01", "2023-02"]


def test_newer_object_is_taken(s3: Any, tmp_path: Path, folder: Path, offline: Connect) -> None:
    for month in ("2022-01", "2022-02"):
        body = synthetic.generate(tmp_path / "other", month).read_bytes()
        s3.put_object(Bucket="data", Key="raw/green/2023-01.parquet", Body=body)
        assert find(offline, tmp_path / "cache", folder).files["2023-01"].read_bytes() == body


def test_bucket_that_does_not_exist(s3: Any, tmp_path: Path, folder: Path, offline: Connect) -> None:
    with pytest.raises(DataError, match=r"DATA_BUCKET: s3://other/raw/green/ cannot be read .*NoSuchBucket"):
        find(offline, tmp_path, folder, bucket="other")


@set_initial_no_auth_action_count(0)
def test_bucket_that_denies(s3: Any, tmp_path: Path, folder: Path, offline: Connect) -> None:
    with pytest.raises(DataError, match=r"s3://data/raw/green/ cannot be read .*allow s3:ListBucket"):
        find(offline, tmp_path, folder)


def test_folder_is_not_searched_beside_the_bucket(
    s3: Any, tmp_path: Path, folder: Path, offline: Connect
) -> None:
    """Who gives --data means that folder."""
    s3.put_object(Bucket="data", Key="raw/green/2023-01.parquet", Body=b"another file")
    found = fetch(["2023-01"], data=folder, environ={}, allow_synthetic=True, bucket="data", connect=offline)
    assert found.files["2023-01"] == folder / file_name("2023-01")
