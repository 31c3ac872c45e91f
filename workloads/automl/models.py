"""Model bundles in the data bucket, verified before they score anything."""

import hashlib

from workloads.automl.bucket import Bucket, read_json
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError


def current_version(bucket: Bucket, name: str, alias: str) -> str:
    """The version that the alias points at.

    Raises:
        TrainingError: it points at none.
    """
    key = f"models/{name}/{alias}.json"
    version = (read_json(bucket, key) or {}).get("version")
    if not isinstance(version, str):
        raise TrainingError(f"s3://{bucket.name}/{key}: names no version; train one that is published first")
    return version


def load(bucket: Bucket, name: str, version: str) -> Bundle:
    """The bundle of a version.

    Raises:
        TrainingError: it is not there, or the model is not the one that its manifest describes.
    """
    folder = f"models/{name}/versions/{version}"
    manifest = read_json(bucket, f"{folder}/manifest.json")
    model = bucket.get(f"{folder}/model.ubj")
    if not manifest or model is None:
        raise TrainingError(f"s3://{bucket.name}/{folder}/: holds no bundle; train the model again")
    if hashlib.sha256(model).hexdigest() != manifest.get("model_sha256"):
        raise TrainingError(
            f"s3://{bucket.name}/{folder}/model.ubj: is not the model of its manifest; train the model again"
        )
    return Bundle(model=model, manifest=bucket.get(f"{folder}/manifest.json") or b"")
