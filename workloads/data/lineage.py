"""OpenLineage events of Airflow's tasks, written to the data bucket: what a task read, and what it wrote.

The form is that of https://openlineage.io/spec/2-0-2/OpenLineage.json: run events of the types START, and
COMPLETE or FAIL, with the data sets named as OpenLineage names objects of S3. Each try of a task is a run.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from workloads.data.months import DataError
from workloads.data.s3 import Bucket

_SPEC = "https://openlineage.io/spec"
SCHEMA = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_VERSION_FACET = f"{_SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
_ERROR_FACET = f"{_SPEC}/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
_PRODUCER = "https://pypi.org/project/mlops-taxi-prediction"
_TASK = ("AIRFLOW_CTX_DAG_ID", "AIRFLOW_CTX_TASK_ID", "AIRFLOW_CTX_DAG_RUN_ID", "AIRFLOW_CTX_TRY_NUMBER")


@dataclass(frozen=True)
class Lineage:
    """What a task read and wrote so far: URLs, or keys of the bucket, each with its version, such as a
    checksum, or "".
    """

    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)


@contextmanager
def recorded(bucket: Bucket, environ: Mapping[str, str]) -> Iterator[Lineage]:
    """Writes the events of the task that this command runs in; none outside of Airflow.

    START goes to lineage/DAG/TASK/RUN/start.json; COMPLETE or FAIL beside it, with what the body filled in. A
    task that is killed has a START alone, as nobody is left to tell.

    Args:
        bucket: The data bucket.
        environ: The environment, in which Airflow names the task, its run and its try.

    Raises:
        workloads.data.months.DataError: the bucket refuses.
    """
    lineage = Lineage()
    _write(bucket, environ, "START", lineage)
    try:
        yield lineage
    except Exception as error:
        with suppress(DataError):  # the error itself says more than that this cannot be written either
            _write(bucket, environ, "FAIL", lineage, error)
        raise
    _write(bucket, environ, "COMPLETE", lineage)


def _write(
    bucket: Bucket, environ: Mapping[str, str], kind: str, lineage: Lineage, error: Exception | None = None
) -> None:
    dag, task, run, attempt = (environ.get(name, "") for name in _TASK)
    if not run:
        return
    run_id = str(uuid5(NAMESPACE_URL, f"{dag}/{run}/{task}/{attempt}"))
    event = {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": _PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run_id, "facets": _failure(error) if error else {}},
        "job": {"namespace": "airflow", "name": f"{dag}.{task}"},
        "inputs": _datasets(bucket.name, lineage.inputs),
        "outputs": _datasets(bucket.name, lineage.outputs),
    }
    bucket.put(f"lineage/{dag}/{task}/{run_id}/{kind.lower()}.json", json.dumps(event).encode())


def _failure(error: Exception) -> dict[str, Any]:
    facet = {"message": str(error), "programmingLanguage": "python"}
    return {"errorMessage": {"_producer": _PRODUCER, "_schemaURL": _ERROR_FACET, **facet}}


def _datasets(bucket: str, places: Mapping[str, str]) -> Sequence[dict[str, Any]]:
    return [_dataset(bucket, place, version) for place, version in places.items()]


def _dataset(bucket: str, place: str, version: str) -> dict[str, Any]:
    scheme, separator, rest = place.partition("://")
    host, _, path = rest.partition("/")
    namespace, name = (f"{scheme}://{host}", path) if separator else (f"s3://{bucket}", place)
    facet = {"_producer": _PRODUCER, "_schemaURL": _VERSION_FACET, "datasetVersion": version}
    return {"namespace": namespace, "name": name, "facets": {"version": facet} if version else {}}
