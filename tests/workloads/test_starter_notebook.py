"""The starter notebook, from its first cell to its last, against an S3 in moto and a local MLflow."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import mlflow
import nbformat
import pytest
from moto.server import ThreadedMotoServer
from nbclient import NotebookClient

from components.common.paths import ROOT, WORKLOADS
from workloads.data.fetch import fetch

pytestmark = pytest.mark.xdist_group("jupyterlab")
NOTEBOOK = WORKLOADS / "notebooks" / "starter.ipynb"
MONTHS = ("2023-01", "2023-02")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An account with both buckets and the months."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DATA_BUCKET": "data",
        "MODELS_BUCKET": "models",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    for bucket in ("data", "models"):
        client.create_bucket(Bucket=bucket)
    yield client
    server.stop()


def test_every_cell_runs(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It registers a version with its errors and plots, shows two plots, and keeps the model."""
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    months = fetch(MONTHS, data=None, environ=os.environ, allow_synthetic=True)
    monkeypatch.setenv("ALLOW_SYNTHETIC", str(months.source == "synthetic").lower())
    for month, file in months.files.items():
        s3.put_object(Bucket="data", Key=f"raw/green/{month}.parquet", Body=file.read_bytes())
    monkeypatch.delenv("MLOPS_DATA_DIR", raising=False)
    monkeypatch.setenv("MLOPS_CACHE_DIR", str(tmp_path / "cache"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    mlflow.set_tracking_uri(store)
    (version,) = mlflow.MlflowClient().search_model_versions("name = 'starter_ride_duration'")
    run = mlflow.get_run(str(version.run_id))
    assert run.data.metrics["model_rmse"] < run.data.metrics["linear_rmse"]
    assert run.data.params["every"] == "4"
    kept = s3.list_objects_v2(Bucket="models")["Contents"]
    assert [one["Key"] for one in kept] == ["trained/starter_ride_duration/1/model.ubj"]
    pictures = [
        base64.b64decode(output["data"]["image/png"])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert [picture[:4] for picture in pictures] == [b"\x89PNG"] * 2


def test_it_is_shipped_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
