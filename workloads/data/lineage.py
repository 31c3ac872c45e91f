"""OpenLineage events of Airflow's tasks, written to the data bucket: what a task read, and what it wrote.

The form is that of https://openlineage.io/spec/2-0-2/OpenLineage.json: a run event of the type COMPLETE, with
the data sets named as OpenLineage names objects of S3.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from workloads.data.s3 import Bucket

SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_VERSION_FACET = "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
_PRODUCER = "https://pypi.org/project/mlops-taxi-prediction"
_TASK = ("AIRFLOW_CTX_DAG_ID", "AIRFLOW_CTX_TASK_ID", "AIRFLOW_CTX_DAG_RUN_ID")


def emit(
    bucket: Bucket,
    environ: Mapping[str, str],
    *,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> str | None:
    """Writes the event of the task that this command runs in; does nothing outside of Airflow.

    A task that is tried again writes to the same key again.

    Args:
        bucket: The data bucket.
        environ: The environment, in which Airflow names the task and its run.
        inputs: What was read: URLs, or keys of the bucket; each with its version, such as a checksum, or "".
        outputs: What was written.

    Returns:
        The event's key; None outside of Airflow.

    Raises:
        workloads.data.months.DataError: the bucket refuses.
    """
    dag, task, run = (environ.get(name, "") for name in _TASK)
    if not run:
        return None
    run_id = str(uuid5(NAMESPACE_URL, f"{dag}/{run}/{task}"))
    event = {
        "eventType": "COMPLETE",
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": _PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run_id},
        "job": {"namespace": "airflow", "name": f"{dag}.{task}"},
        "inputs": _datasets(bucket.name, inputs),
        "outputs": _datasets(bucket.name, outputs),
    }
    key = f"lineage/{dag}/{task}/{run_id}.json"
    bucket.put(key, json.dumps(event).encode())
    return key


def _datasets(bucket: str, places: Mapping[str, str]) -> Sequence[dict[str, Any]]:
    return [_dataset(bucket, place, version) for place, version in places.items()]


def _dataset(bucket: str, place: str, version: str) -> dict[str, Any]:
    scheme, separator, rest = place.partition("://")
    host, _, path = rest.partition("/")
    namespace, name = (f"{scheme}://{host}", path) if separator else (f"s3://{bucket}", place)
    facet = {"_producer": _PRODUCER, "_schemaURL": _VERSION_FACET, "datasetVersion": version}
    return {"namespace": namespace, "name": name, "facets": {"version": facet} if version else {}}
