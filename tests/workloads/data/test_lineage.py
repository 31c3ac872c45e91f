"""The events of tasks: in OpenLineage's form, a START and an end for each try; none outside of Airflow."""

import json
from collections.abc import Mapping
from typing import Any

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
from openlineage.client.facet_v2 import dataset_version_dataset, error_message_run
from openlineage.client.serde import Serde

from workloads.data.lineage import recorded
from workloads.data.months import DataError
from workloads.data.s3 import Bucket

TASK = {
    "AIRFLOW_CTX_DAG_ID": "taxi_data_ingest",
    "AIRFLOW_CTX_TASK_ID": "ingest",
    "AIRFLOW_CTX_DAG_RUN_ID": "manual__2023-03-01",
    "AIRFLOW_CTX_TRY_NUMBER": "1",
}
MONTH = "https://example.org/a/b.parquet"


@pytest.fixture
def bucket(aws_account: None) -> Bucket:
    """The empty bucket `data`."""
    boto3.client("s3").create_bucket(Bucket="data")
    return Bucket("data")


def tried(bucket: Bucket, environ: Mapping[str, str] = TASK, *, error: Exception | None = None) -> None:
    """A task that reads a file, and writes an object or fails."""
    with recorded(bucket, environ) as lineage:
        lineage.inputs[MONTH] = "abc"
        if error:
            raise error
        lineage.outputs["raw/green/2023-01.parquet"] = ""


def events(bucket: Bucket) -> dict[str, Any]:
    """The events by their types; of each there is one at most."""
    found = [json.loads(bucket.get(key) or b"") for key in bucket.keys("lineage/taxi_data_ingest/ingest/")]
    assert len({each["eventType"] for each in found}) == len(found)
    return {each["eventType"]: each for each in found}


def expected(event: Mapping[str, Any], *, error: str = "", begun: bool = False) -> Any:
    """The event as OpenLineage's client makes it, whose classes are generated from the specification."""
    set_producer(event["producer"])
    version = dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion="abc")
    failed = error_message_run.ErrorMessageRunFacet(message=error, programmingLanguage="python")
    read = InputDataset(namespace="https://example.org", name="a/b.parquet", facets={"version": version})
    written = OutputDataset(namespace="s3://data", name="raw/green/2023-01.parquet")
    run = RunEvent(
        eventType=RunState[event["eventType"]],
        eventTime=event["eventTime"],
        run=Run(runId=event["run"]["runId"], facets={"errorMessage": failed} if error else {}),
        job=Job(namespace="airflow", name="taxi_data_ingest.ingest"),
        inputs=[] if begun else [read],
        outputs=[] if begun or error else [written],
    )
    return without_empty(Serde.to_dict(run))


def without_empty(value: Any) -> Any:
    """The document without empty facets, which may be left out."""
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    if isinstance(value, dict):
        return {name: without_empty(each) for name, each in value.items() if each not in ({}, [], None)}
    return value


def test_task_that_succeeds(bucket: Bucket) -> None:
    """The client checks the run's id and the time's form; what is left must be equal."""
    tried(bucket)
    found = events(bucket)
    assert set(found) == {"START", "COMPLETE"}
    assert without_empty(found["START"]) == expected(found["START"], begun=True)
    assert without_empty(found["COMPLETE"]) == expected(found["COMPLETE"])
    assert found["START"]["run"]["runId"] == found["COMPLETE"]["run"]["runId"]
    assert found["START"]["eventTime"] <= found["COMPLETE"]["eventTime"]


def test_task_that_fails(bucket: Bucket) -> None:
    with pytest.raises(DataError, match="no month"):
        tried(bucket, error=DataError("no month"))
    found = events(bucket)
    assert set(found) == {"START", "FAIL"}
    assert without_empty(found["FAIL"]) == expected(found["FAIL"], error="no month")
    assert found["START"]["run"]["runId"] == found["FAIL"]["run"]["runId"]


def test_bucket_that_goes_away(bucket: Bucket) -> None:
    """The error of the task is told, not that its event cannot be written."""
    with pytest.raises(RuntimeError, match="out of memory"):
        _fail_without(bucket)


def _fail_without(bucket: Bucket) -> None:
    s3 = boto3.client("s3")
    with recorded(bucket, TASK):
        for key in bucket.keys("lineage/"):
            s3.delete_object(Bucket="data", Key=key)
        s3.delete_bucket(Bucket="data")
        raise RuntimeError("out of memory")


@pytest.mark.parametrize("changed", ["AIRFLOW_CTX_DAG_RUN_ID", "AIRFLOW_CTX_TRY_NUMBER"])
def test_runs_and_tries_have_ids_of_their_own(bucket: Bucket, changed: str) -> None:
    """A try that failed and the one that succeeded are runs of one job."""
    tried(bucket)
    tried(bucket)
    assert len(list(bucket.keys("lineage/"))) == 2
    tried(bucket, {**TASK, changed: "2"})
    assert len(list(bucket.keys("lineage/"))) == 4


def test_outside_of_airflow(bucket: Bucket) -> None:
    tried(bucket, {})
    assert list(bucket.keys("")) == []
