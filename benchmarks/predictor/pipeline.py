"""The same model as a scikit-learn pipeline with a DictVectorizer, saved for mlflow.pyfunc."""

import shutil
from pathlib import Path
from typing import Any

import mlflow.sklearn
import numpy as np
import xgboost
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import make_pipeline

from workloads.training.features import types
from workloads.training.model import Model


def save(model: Model, folder: Path) -> None:
    """Writes `folder/pyfunc`, whose `predict` takes a dict of features as the usual predictor gives it."""
    names = [feature["name"] for feature in model.features]
    vectorizer = DictVectorizer(sparse=False, sort=False).fit([dict.fromkeys(names, 0.0)])
    regressor = xgboost.XGBRegressor(n_jobs=1, enable_categorical=True, feature_types=types(model.features))
    plain = xgboost.Booster(model_file=bytearray(model.booster.save_raw("ubj")))
    plain.feature_names = None  # the vectorizer hands over a plain matrix
    regressor.load_model(bytearray(plain.save_raw("ubj")))
    pipeline = make_pipeline(vectorizer, regressor)
    _check(pipeline, names)
    shutil.rmtree(folder / "pyfunc", ignore_errors=True)
    mlflow.sklearn.save_model(
        pipeline,
        folder / "pyfunc",
        serialization_format="cloudpickle",
        pip_requirements=["mlflow", "scikit-learn", "xgboost-cpu"],
    )


def _check(pipeline: Any, names: list[str]) -> None:
    found = pipeline.predict([dict.fromkeys(names, 1.0)])
    if not np.isfinite(found).all():
        raise ValueError(f"the pipeline predicts {found}")
