"""Recoveries of docs/runbooks.md that need no more than S3, in an account in memory."""

import itertools
from typing import Any

import boto3
import pytest

from models import Alias
from predictor import Predictor
from store import Object
from tests.bundles import MODEL, batch, booster, bundle, lines, ride_event
from tests.integration.published import all_of
from workloads.training.bundle import Bundle
from workloads.training.publish import DataBucket

BUCKET = "data"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


class Store:
    """The bucket as the predictor sees it."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def get(self, key: str, *, etag: str = "") -> Object | None:
        """The object, None when its entity tag is still `etag`."""
        found = self._s3.get_object(Bucket=BUCKET, Key=key)
        return None if found["ETag"] == etag else Object(found["Body"].read(), found["ETag"])

    def put(self, key: str, body: bytes) -> None:
        """Keeps the object."""
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=body)


@pytest.fixture
def s3(aws_account: None) -> Any:
    """A versioned bucket, as every bucket of a stack is."""
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_a_bad_model_is_rolled_back(s3: Any) -> None:
    """A version that passed every check predicts nonsense; the version before is served by the next look."""
    store, data = Store(s3), DataBucket(BUCKET)
    now = itertools.count(step=60)
    alias = Alias(store, name=MODEL, alias="champion", check_seconds=60, clock=lambda: float(next(now)))
    predictor = Predictor(store, champion=alias, challenger=None, share=0, name=MODEL)
    good, bad = (_packed(booster(rounds), number) for rounds, number in ((20, "1"), (2, "2")))

    def predicted(first: int) -> tuple[str, float]:
        assert predictor.handle(batch([ride_event()], first=first)) == {"batchItemFailures": []}
        newest = max(
            s3.list_objects_v2(Bucket=BUCKET, Prefix="predictions/")["Contents"], key=lambda one: one["Key"]
        )
        (line,) = lines(s3.get_object(Bucket=BUCKET, Key=newest["Key"])["Body"].read())
        return line["version"], line["prediction"]["ride_duration"]

    for one in (good, bad):
        data.upload(one)
    data.point("champion", good)
    before = predicted(1)
    data.point("champion", bad)
    assert predicted(2) != before
    data.point("champion", good)  # what `python -m ops stack rollback` does last
    assert predicted(3) == before
    assert before[0] == "1"


def test_deleted_data_comes_back(s3: Any) -> None:
    """By the runbook's calls: the marker is deleted, and an older version is copied over a newer one."""
    key = "raw/green/2023-01.parquet"
    first = s3.put_object(Bucket=BUCKET, Key=key, Body=b"trips")["VersionId"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"half of them")
    s3.delete_object(Bucket=BUCKET, Key=key)
    (marker,) = s3.list_object_versions(Bucket=BUCKET, Prefix=key)["DeleteMarkers"]
    s3.delete_object(Bucket=BUCKET, Key=key, VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"half of them"
    s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": key, "VersionId": first})
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"trips"


@pytest.mark.xdist_group("graph-dev-learning")
def test_every_bucket_keeps_what_was_deleted(graph: Any) -> None:
    deployment = graph("dev", "learning", preview=False)
    buckets = {one.inputs["bucket"] for one in all_of(deployment, "aws:s3/bucket:Bucket")}
    versioned = {
        one.inputs["bucket"]
        for one in all_of(deployment, VERSIONING)
        if one.inputs["versioningConfiguration"] == {"status": "Enabled"}
    }
    assert versioned == buckets


def _packed(model: Any, version: str) -> Bundle:
    files = bundle(model, version)
    folder = f"models/{MODEL}/versions/{version}"
    return Bundle(model=files[f"{folder}/model.ubj"], manifest=files[f"{folder}/manifest.json"])
