"""The events of tasks: in OpenLineage's form, once for each task of a run, and none outside of Airflow."""

import json
from datetime import datetime
from uuid import UUID

import boto3
import pytest

from workloads.data.lineage import emit
from workloads.data.s3 import Bucket

TASK = {
    "AIRFLOW_CTX_DAG_ID": "taxi_data_ingest",
    "AIRFLOW_CTX_TASK_ID": "ingest",
    "AIRFLOW_CTX_DAG_RUN_ID": "manual__2023-03-01",
}


@pytest.fixture
def bucket(aws_account: None) -> Bucket:
    """The empty bucket `data`."""
    boto3.client("s3").create_bucket(Bucket="data")
    return Bucket("data")


def test_event_of_a_task(bucket: Bucket) -> None:
    """With what the specification requires, and data sets named as it names S3's."""
    inputs = {"https://example.org/a/b.parquet": "abc"}
    key = emit(bucket, TASK, inputs=inputs, outputs={"raw/green/2023-01.parquet": ""})
    assert key is not None
    event = json.loads(bucket.get(key) or b"")
    assert {"eventTime", "producer", "schemaURL", "run", "job"} <= set(event)
    assert datetime.fromisoformat(event["eventTime"]).tzinfo
    assert UUID(event["run"]["runId"])
    assert event["job"] == {"namespace": "airflow", "name": "taxi_data_ingest.ingest"}
    (read,), (written,) = event["inputs"], event["outputs"]
    assert (read["namespace"], read["name"]) == ("https://example.org", "a/b.parquet")
    assert read["facets"]["version"]["datasetVersion"] == "abc"
    assert {"_producer", "_schemaURL"} <= set(read["facets"]["version"])
    assert written == {"namespace": "s3://data", "name": "raw/green/2023-01.parquet", "facets": {}}


def test_tried_again(bucket: Bucket) -> None:
    """One event a task and run."""
    keys = {emit(bucket, TASK, inputs={}, outputs={}) for _ in range(2)}
    keys.add(emit(bucket, {**TASK, "AIRFLOW_CTX_DAG_RUN_ID": "another"}, inputs={}, outputs={}))
    assert sorted(bucket.keys("lineage/")) == sorted(key for key in keys if key)
    assert len(keys) == 2


def test_outside_of_airflow(bucket: Bucket) -> None:
    assert emit(bucket, {}, inputs={}, outputs={}) is None
    assert list(bucket.keys("")) == []
