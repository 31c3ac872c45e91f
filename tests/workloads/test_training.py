"""What is trained, on what, and what becomes of it."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import mlflow
import numpy as np
import pandas as pd
import pytest
import xgboost
from moto import mock_aws
from requests import HTTPError
from typer.testing import CliRunner

import bundle as theirs
from features import Encoder
from records import COLUMNS, Ride
from store import Object
from tests.workloads.conftest import Month
from workloads.data import tlc
from workloads.training import model as model_module
from workloads.training import registry
from workloads.training import train as train_module
from workloads.training.__main__ import app
from workloads.training.baseline import linear
from workloads.training.bundle import MODEL_NAME, Bundle, pack
from workloads.training.errors import TrainingError
from workloads.training.features import describe, matrix
from workloads.training.model import Model, Score, fit, score
from workloads.training.publish import DataBucket
from workloads.training.train import Trained, train

BUCKET = "data"
POINTER = f"models/{MODEL_NAME}/champion.json"


@pytest.fixture(scope="session")
def fitted(known: pd.DataFrame) -> Model:
    """A model of the small training set."""
    return fit(known)


@pytest.fixture(scope="session")
def packed(fitted: Model, known: pd.DataFrame) -> Bundle:
    """Its bundle, as version 1."""
    own = Score(rmse=4.0, mae=3.0)
    return pack(
        fitted, known, score=own, train_month="2023-01", valid_month="2023-02", registered="1", run_id="a"
    )


def test_the_model_beats_linear_regression_on_a_month_it_has_not_seen(
    fitted: Model, known: pd.DataFrame, unseen: pd.DataFrame
) -> None:
    minutes = unseen.minutes.to_numpy()
    own = score(minutes, fitted.predict(unseen))
    assert own.rmse < 0.95 * score(minutes, linear(known, unseen)).rmse
    assert own.mae < own.rmse < 8


def test_the_same_rides_give_the_same_model(fitted: Model, known: pd.DataFrame) -> None:
    assert fit(known).booster.save_raw("ubj") == fitted.booster.save_raw("ubj")


def test_rounds_are_chosen_on_the_last_training_days_alone(
    monkeypatch: pytest.MonkeyPatch, known: pd.DataFrame
) -> None:
    calls: list[tuple[int, list[int]]] = []
    real = xgboost.train

    def spy(parameters: Any, data: Any, rounds: int, evals: Any = (), **options: Any) -> Any:
        calls.append((data.num_row(), [held.num_row() for held, _ in evals]))
        return real(parameters, data, min(rounds, 12), evals=evals, **options)

    monkeypatch.setattr(model_module.xgboost, "train", spy)
    fit(known)
    (searched, (held,)), (refitted, nothing) = calls
    assert searched + held == refitted == len(known)
    assert nothing == []
    day = known.lpep_pickup_datetime.dt.normalize()
    assert held == (day >= np.sort(day.unique())[int(day.nunique() * 0.85)]).sum()


def test_the_predictor_makes_the_same_matrix_from_the_same_rides(
    known: pd.DataFrame, unseen: pd.DataFrame
) -> None:
    features = describe(known)
    rows = [_row(ride) for ride in unseen.to_dict("records")]
    theirs = np.array(Encoder([dict(feature) for feature in features]).matrix(rows), dtype=np.float32)
    ours = matrix(unseen, features)
    assert np.isnan(ours).any(), "a missing value is among them"
    np.testing.assert_array_equal(theirs.reshape(ours.shape), ours)


def _row(ride: dict[Any, Any]) -> Ride:
    time = ride["lpep_pickup_datetime"]
    values = {
        **ride,
        "pickup_hour": time.hour,
        "pickup_weekday": time.weekday(),
        "pickup_hour_of_week": time.weekday() * 24 + time.hour,
        "pickup_minute_of_day": time.hour * 60 + time.minute,
    }
    return Ride("1", {}, tuple(values[name] for name in COLUMNS))


def test_a_zone_that_training_never_saw_is_missing(known: pd.DataFrame) -> None:
    features = describe(known)
    stranger = known.head(1).assign(PULocationID=9999)
    assert np.isnan(matrix(stranger, features)[0, 0])


def test_a_bundle_says_what_it_is_and_what_it_predicts(packed: Bundle, known: pd.DataFrame) -> None:
    manifest = json.loads(packed.manifest)
    assert manifest["model_sha256"] == hashlib.sha256(packed.model).hexdigest()
    assert manifest["training"]["rows"] == len(known)
    assert manifest["metrics"] == {"valid_rmse": 4.0, "valid_mae": 3.0, "valid_month": "2023-02"}
    booster = xgboost.Booster(model_file=bytearray(packed.model))
    rows = np.array(manifest["smoke"]["rows"], dtype=np.float32)
    assert np.isnan(rows).any()
    names, types = booster.feature_names, booster.feature_types
    data = xgboost.DMatrix(rows, feature_names=names, feature_types=types, enable_categorical=True)
    assert booster.predict(data).astype(float).tolist() == manifest["smoke"]["predictions"]


def test_the_predictor_serves_the_bundle(packed: Bundle, unseen: pd.DataFrame, fitted: Model) -> None:
    class Store:
        def get(self, key: str, *, etag: str = "") -> Object:
            return Object({"ubj": packed.model, "json": packed.manifest}[key.rpartition(".")[2]], "1")

        def put(self, key: str, body: bytes) -> None:
            raise AssertionError

    pointer = theirs.read_pointer(json.dumps(packed.pointer("champion")).encode(), MODEL_NAME)
    served = theirs.load(Store(), pointer, MODEL_NAME)
    found = served.predict([_row(ride) for ride in unseen.to_dict("records")])
    assert np.array(found, dtype=np.float32).tobytes() == fitted.predict(unseen).tobytes()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow store: making its tables takes longer than all that a test does with them."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


class Platform:
    """MLflow in a folder, and S3 in memory."""

    def __init__(self, folder: Path, month: Month, store: Path) -> None:
        self.uri = f"sqlite:///{shutil.copy(store, folder / 'mlflow.db')}"
        self.s3 = boto3.client("s3", region_name="us-east-1")
        self.s3.create_bucket(Bucket=BUCKET)
        self._files = {"train": month("2023-01"), "valid": month("2023-02")}

    def train(self) -> Trained:
        """One training."""
        return train(
            train_file=self._files["train"],
            valid_file=self._files["valid"],
            train_month="2023-01",
            valid_month="2023-02",
            tracking_uri=self.uri,
            bucket=DataBucket(BUCKET),
            progress=lambda _round, _rmse: None,
        )

    def written(self) -> list[str]:
        """What lies in the bucket, in the order of writing."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [each["Key"] for each in sorted(found, key=lambda each: each["LastModified"])]

    def pointed(self) -> str:
        """The version that the predictor serves."""
        return str(json.loads(self.s3.get_object(Bucket=BUCKET, Key=POINTER)["Body"].read())["version"])

    def alias(self) -> str:
        """The version that the registry has in service."""
        return str(mlflow.MlflowClient().get_model_version_by_alias(MODEL_NAME, "champion").version)


@pytest.fixture
def platform(
    tmp_path: Path,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    month: Month,
    known: pd.DataFrame,
    unseen: pd.DataFrame,
) -> Iterator[Platform]:
    """A platform on which trainings are small and quick."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    months = {month("2023-01"): known, month("2023-02"): unseen}
    monkeypatch.setattr(train_module, "rides", months.__getitem__)
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 15)
    monkeypatch.setattr(registry, "log_errors", lambda *_: None)
    with mock_aws():
        yield Platform(tmp_path, month, store)


def worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the next training a poor one."""
    monkeypatch.setattr(model_module, "PARAMETERS", {**model_module.PARAMETERS, "max_leaves": 2})
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 3)


def test_the_first_version_goes_into_service(platform: Platform) -> None:
    trained = platform.train()
    assert (trained.version, trained.promoted) == ("1", True)
    assert (platform.alias(), platform.pointed()) == ("1", "1")
    folder = f"models/{MODEL_NAME}/versions/1"
    assert set(platform.written()) == {f"{folder}/model.ubj", f"{folder}/manifest.json", POINTER}
    run = mlflow.get_run(mlflow.MlflowClient().get_model_version(MODEL_NAME, "1").run_id)
    assert run.data.metrics["valid_rmse"] == trained.valid_rmse
    assert run.data.params["nthread"] == "1"
    names = [each.path for each in mlflow.MlflowClient().list_artifacts(run.info.run_id)]
    assert names == ["bundle"]


def test_a_run_keeps_its_figures(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, fitted: Model, unseen: pd.DataFrame
) -> None:
    monkeypatch.chdir(tmp_path)
    registry.connect(f"sqlite:///{shutil.copy(store, tmp_path)}")
    with registry.run("figures") as run_id:
        registry.log_errors(unseen.minutes.to_numpy(), fitted.predict(unseen), fitted)
    names = {each.path for each in mlflow.MlflowClient().list_artifacts(run_id)}
    assert names == {"importance.png", "residuals.png"}


def test_what_mlflow_serves_predicts_what_the_bundle_predicts(platform: Platform) -> None:
    platform.train()
    key = f"models/{MODEL_NAME}/versions/1/manifest.json"
    manifest = json.loads(platform.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    names = [feature["name"] for feature in manifest["features"]]
    rows = pd.DataFrame(np.array(manifest["smoke"]["rows"], dtype=np.float32), columns=names)
    served = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}@champion")
    assert served.predict(rows).astype(float).tolist() == manifest["smoke"]["predictions"]


def test_a_version_that_is_not_better_is_kept_but_does_not_serve(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = platform.train()
    worse(monkeypatch)
    second = platform.train()
    assert (second.version, second.promoted, second.champion_version) == ("2", False, "1")
    assert second.champion_rmse == pytest.approx(first.valid_rmse)
    assert (platform.alias(), platform.pointed()) == ("1", "1")
    assert f"models/{MODEL_NAME}/versions/2/model.ubj" in platform.written()


def test_a_better_version_takes_over(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        worse(patch)
        platform.train()
    assert platform.train().promoted
    assert (platform.alias(), platform.pointed()) == ("2", "2")


@pytest.mark.parametrize("damage", ["none", "torn"])
def test_a_pointer_that_a_killed_run_left_behind_is_made_good(platform: Platform, damage: str) -> None:
    platform.train()
    platform.s3.delete_object(Bucket=BUCKET, Key=POINTER)
    if damage == "torn":
        platform.s3.put_object(Bucket=BUCKET, Key=POINTER, Body=b'{"schema": 1, "na')
    second = platform.train()
    assert not second.promoted, "an equal model does not take over"
    assert platform.pointed() == "1"


def test_a_bundle_is_whole_before_anything_points_at_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    real = DataBucket._put

    def spy(self: DataBucket, key: str, body: bytes) -> None:
        written.append(key.rpartition("/")[2])
        real(self, key, body)

    monkeypatch.setattr(DataBucket, "_put", spy)
    platform.train()
    assert written[:2] == ["model.ubj", "manifest.json"]
    assert written[-1] == "champion.json"


def test_a_missing_bucket_is_found_before_anything_is_trained(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.s3.delete_bucket(Bucket=BUCKET)
    monkeypatch.setattr(train_module, "fit", lambda *_: pytest.fail("trained"))
    with pytest.raises(TrainingError, match="--data-bucket: got 'data', which cannot be used"):
        platform.train()


def test_an_mlflow_that_does_not_answer_is_found_before_anything_is_trained(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.uri = "http://127.0.0.1:9"
    monkeypatch.setattr(train_module, "fit", lambda *_: pytest.fail("trained"))
    with pytest.raises(TrainingError, match=r"--tracking-uri: got 'http://127.0.0.1:9'"):
        platform.train()


def test_a_server_that_cannot_keep_artifacts_is_named(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HTTPError("500 Server Error: AccessDenied on PutObject")

    monkeypatch.setattr(mlflow, "log_artifacts", refuse)
    with pytest.raises(TrainingError, match=r"MLflow at sqlite:.* refused: 500 .*whether it may write"):
        platform.train()
    assert not platform.written(), "nothing is published that MLflow does not have"


def test_a_version_in_service_with_an_unknown_feature_is_named(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.train()
    current = registry.champion("champion")
    assert current
    manifest = current.manifest.replace(b'"pickup_weekday"', b'"moon_phase"')
    monkeypatch.setattr(registry, "champion", lambda _: Bundle(model=current.model, manifest=manifest))
    with pytest.raises(
        TrainingError, match=r"champion: version 1 takes the feature 'moon_phase', which .* lacks"
    ):
        platform.train()
    assert platform.pointed() == "1"


def test_a_wrong_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(TrainingError, match=r"nobody.*; check AWS_PROFILE"):
        DataBucket(BUCKET)


def test_refuses_synthetic_months_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of TLC's site puts no model of synthetic trips in service; a folder of them is a choice."""
    trained: list[object] = []

    def record(**arguments: object) -> None:
        trained.append(arguments)
        raise TrainingError("trained")

    monkeypatch.setattr(tlc, "reachable", lambda _: False)
    monkeypatch.setattr(train_module, "train", record)
    monkeypatch.setenv("MLOPS_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("MLOPS_DATA_DIR", raising=False)
    words = ["train", "2023-01", "--validate", "2023-02", "--tracking-uri", "sqlite://", "--data-bucket", "x"]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, trained) == (1, [])
    assert result.stderr.startswith("training: 2023-01, 2023-02: only synthetic trips can be had")
    CliRunner().invoke(app, [*words, "--data", str(tmp_path / "synthetic")])
    assert len(trained) == 1


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["train", "2023-02", "--validate", "2023-01"], 2, "--validate: got 2023-01, allowed: a month after"),
        (["train", "2015-01", "--validate", "2016-01"], 2, "allowed: YYYY-MM from 2016-07 on"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(words: list[str], code: int, text: str) -> None:
    result = CliRunner().invoke(app, [*words, "--tracking-uri", "sqlite://", "--data-bucket", "x"])
    assert result.exit_code == code
    assert text in result.stderr
    assert "Traceback" not in result.stderr
