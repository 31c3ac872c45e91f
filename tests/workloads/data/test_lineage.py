"""The events of tasks: in OpenLineage's form, once for each task of a run, and none outside of Airflow."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import boto3
import pytest
from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    set_producer,
)
from openlineage.client.facet_v2 import dataset_version_dataset
from openlineage.client.serde import Serde

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


def emitted(bucket: Bucket) -> Any:
    """The event of a task that read a file and wrote an object."""
    inputs = {"https://example.org/a/b.parquet": "abc"}
    key = emit(bucket, TASK, inputs=inputs, outputs={"raw/green/2023-01.parquet": ""})
    assert key is not None
    return json.loads(bucket.get(key) or b"")


def without_empty(value: Any) -> Any:
    """The document without empty facets, which may be left out."""
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    if isinstance(value, dict):
        return {name: without_empty(each) for name, each in value.items() if each not in ({}, [], None)}
    return value


def test_event_of_a_task(bucket: Bucket) -> None:
    """With what the specification requires, and data sets named as it names S3's."""
    event = emitted(bucket)
    assert datetime.fromisoformat(event["eventTime"]).tzinfo
    assert UUID(event["run"]["runId"])
    assert event["job"] == {"namespace": "airflow", "name": "taxi_data_ingest.ingest"}
    (read,), (written,) = event["inputs"], event["outputs"]
    assert (read["namespace"], read["name"]) == ("https://example.org", "a/b.parquet")
    assert read["facets"]["version"]["datasetVersion"] == "abc"
    assert written == {"namespace": "s3://data", "name": "raw/green/2023-01.parquet", "facets": {}}


def test_event_is_the_one_of_its_own_client(bucket: Bucket) -> None:
    """OpenLineage's client, whose classes are generated from the specification, makes the same of it."""
    event = emitted(bucket)
    set_producer(event["producer"])
    (read,), (written,) = event["inputs"], event["outputs"]
    version = dataset_version_dataset.DatasetVersionDatasetFacet(
        datasetVersion=read["facets"]["version"]["datasetVersion"]
    )
    expected = RunEvent(
        eventType=RunState[event["eventType"]],
        eventTime=event["eventTime"],
        run=Run(runId=event["run"]["runId"]),
        job=Job(namespace=event["job"]["namespace"], name=event["job"]["name"]),
        inputs=[InputDataset(namespace=read["namespace"], name=read["name"], facets={"version": version})],
        outputs=[OutputDataset(namespace=written["namespace"], name=written["name"])],
    )
    assert without_empty(event) == without_empty(Serde.to_dict(expected))


def test_tried_again(bucket: Bucket) -> None:
    """One event a task and run."""
    keys = {emit(bucket, TASK, inputs={}, outputs={}) for _ in range(2)}
    keys.add(emit(bucket, {**TASK, "AIRFLOW_CTX_DAG_RUN_ID": "another"}, inputs={}, outputs={}))
    assert sorted(bucket.keys("lineage/")) == sorted(key for key in keys if key)
    assert len(keys) == 2


def test_outside_of_airflow(bucket: Bucket) -> None:
    assert emit(bucket, {}, inputs={}, outputs={}) is None
    assert list(bucket.keys("")) == []
