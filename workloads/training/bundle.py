"""The bundle that the predictor serves: XGBoost's own file, a manifest, and the pointer of an alias."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import xgboost

from workloads.training.features import Feature
from workloads.training.model import Model, Score, predict

SCHEMA = 1
SMOKE_RIDES = 16
UNKNOWN_ZONE = 265  # which lies nowhere
WEEK_ENDS = (
    "2023-01-01T23:59:59",
    "2023-01-02T00:00:00",
)  # the last second of a Sunday, the first of a Monday


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A model's bytes and its manifest, as they lie in the data bucket, and what days are compared with.

    Versions that were trained before references were kept have an empty one.
    """

    model: bytes
    manifest: bytes
    reference: bytes = b""
    reference_rides: bytes = b""

    def files(self) -> dict[str, bytes]:
        """The files by name, in the order in which they are written: the manifest comes last."""
        found = {
            "model.ubj": self.model,
            "reference.parquet": self.reference_rides,
            "reference.json": self.reference,
            "manifest.json": self.manifest,
        }
        return {name: body for name, body in found.items() if body}

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Bundle":
        """The bundle of the files that `files` gave."""
        return cls(
            model=files["model.ubj"],
            manifest=files["manifest.json"],
            reference=files.get("reference.json", b""),
            reference_rides=files.get("reference.parquet", b""),
        )

    @property
    def version(self) -> str:
        """The registered version."""
        return str(json.loads(self.manifest)["version"])

    @property
    def name(self) -> str:
        """The registered model's name."""
        return str(json.loads(self.manifest)["name"])

    @property
    def data_source(self) -> str:
        """`tlc` or `synthetic`; bundles that are older than this entry were trained on TLC's trips."""
        return str(json.loads(self.manifest).get("data_source", "tlc"))

    @property
    def folder(self) -> str:
        """The prefix of the bundle's keys; what lies under it never changes."""
        return f"models/{self.name}/versions/{self.version}"

    def pointer(self, alias: str) -> dict[str, Any]:
        """What `models/<name>/<alias>.json` holds when the alias is this version."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "version": self.version,
            "alias": alias,
            "model_key": f"{self.folder}/model.ubj",
            "manifest_key": f"{self.folder}/manifest.json",
            "model_sha256": _sha256(self.model),
            "manifest_sha256": _sha256(self.manifest),
            "updated_at": datetime.now(UTC).isoformat(),
        }

    def predict(self, rides: pd.DataFrame) -> Any:
        """The minutes of each ride, by the bundle's own features."""
        return self.predictor()(rides)

    def predictor(self) -> Callable[[pd.DataFrame], Any]:
        """What predicts rides again and again with the model that was loaded once."""
        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray(self.model))
        manifest = json.loads(self.manifest)
        features: list[Feature] = manifest["features"]
        zones = manifest.get("zones", {})  # older models take none
        return lambda rides: predict(booster, features, zones, rides)


def pack(
    model: Model,
    train: pd.DataFrame,
    *,
    score: Score,
    months: tuple[str, str],
    data_source: str,
    name: str,
    version: str,
    run_id: str,
    sources: Mapping[str, Mapping[str, str]] | None = None,
) -> Bundle:
    """The bundle of a fitted model.

    Args:
        model: The model.
        train: The rides that it was fitted on.
        score: Its errors on the validation month.
        months: To train and to validate on, as YYYY-MM.
        data_source: `tlc` or `synthetic`.
        name: The registered model's name.
        version: The version in MLflow's registry.
        run_id: The MLflow run.
        sources: The data set and the file's checksum of each month, where they are known.
    """
    payload = bytes(model.booster.save_raw("ubj"))
    earlier = model.rides.sources if model.rides else {}
    manifest = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "run_id": run_id,
        "data_source": data_source,
        "features": model.features,
        "zones": model.zones,
        "training": _window(model, months[0], train),
        "sources": {month: dict(source) for month, source in {**earlier, **(sources or {})}.items()},
        "metrics": {"valid_rmse": score.rmse, "valid_mae": score.mae, "valid_month": months[1]},
        "model_sha256": _sha256(payload),
        "base_margin": None,
        "smoke": _smoke(model, train),
        "libraries": {each.__name__: each.__version__ for each in (xgboost, np, pd)},
        "created_at": datetime.now(UTC).isoformat(),
    }
    return Bundle(model=payload, manifest=json.dumps(manifest, allow_nan=False).encode())


def _window(model: Model, month: str, train: pd.DataFrame) -> dict[str, Any]:
    pickups = train["lpep_pickup_datetime"]
    found = {"months": [month], "rows": len(train), "start": pickups.min().isoformat()}
    if model.rides:
        rides = model.rides
        found = {"months": list(rides.months), "rows": rides.rows, "start": rides.start.isoformat()}
    return {**found, "end": pickups.max().isoformat()}


def _smoke(model: Model, train: pd.DataFrame) -> dict[str, Any]:
    """Ride events and their predictions, which the predictor must repeat with its own code for the features.

    They are spread over the training data. The last one comes again at the ends of the week, and from an
    unknown zone, without the fields that an event may leave out.
    """
    spread = train.iloc[np.linspace(0, len(train) - 1, SMOKE_RIDES).astype(int)]
    last = spread.tail(1)
    partial = last.assign(
        PULocationID=UNKNOWN_ZONE, lpep_pickup_datetime=pd.Timestamp("NaT"), passenger_count=np.nan
    )
    week_ends = [last.assign(lpep_pickup_datetime=pd.Timestamp(time)) for time in WEEK_ENDS]
    rides = pd.concat([spread, *week_ends, partial])
    return {
        "events": [
            {"ride_id": number, "ride": _ride(row)} for number, row in enumerate(rides.to_dict("records"))
        ],
        "predictions": model.predict(rides).astype(np.float64).tolist(),
    }


def _ride(row: dict[Any, Any]) -> dict[str, Any]:
    """A row of training data as a ride event has it, without what is missing."""
    fields: dict[str, Any] = {
        "PULocationID": int(row["PULocationID"]),
        "DOLocationID": int(row["DOLocationID"]),
        "trip_distance": float(row["trip_distance"]),
    }
    if not pd.isna(row["lpep_pickup_datetime"]):
        fields["lpep_pickup_datetime"] = row["lpep_pickup_datetime"].isoformat()
    if not pd.isna(row["passenger_count"]):
        fields["passenger_count"] = int(row["passenger_count"])
    return fields


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
