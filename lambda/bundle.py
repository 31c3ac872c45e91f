"""A model bundle: the pointer of an alias, the manifest and the model, verified before anything is scored."""

import hashlib
from typing import Any, NamedTuple

import orjson

from booster import Booster, BoosterError
from features import Encoder
from model_file import read_features
from records import RejectedError, Ride, parse
from store import Store

SCHEMA = 1


class BundleError(Exception):
    """A bundle that must not be served; the message says what does not fit."""


class Pointer(NamedTuple):
    """What an alias points at."""

    version: str
    model_key: str
    manifest_key: str
    model_sha256: str
    manifest_sha256: str


class Model:
    """A model that is ready to score."""

    def __init__(self, pointer: Pointer, booster: Booster, encoder: Encoder) -> None:
        self.pointer = pointer
        self._booster = booster
        self._encoder = encoder

    @property
    def version(self) -> str:
        """The registered version."""
        return self.pointer.version

    def predict(self, rides: list[Ride]) -> list[float]:
        """The minutes that each ride will take, as float32 values."""
        return self._booster.predict(self._encoder.matrix(rides), len(self._encoder.types))


def read_pointer(text: bytes, name: str) -> Pointer:
    """Reads the object `models/<name>/<alias>.json`.

    Raises:
        BundleError: it is damaged, or the pointer of another model.
    """
    pointer = _document(text, "pointer", name)
    try:
        found = Pointer(**{field: pointer[field] for field in Pointer._fields})
    except KeyError as error:
        raise BundleError(f"the pointer has no {error.args[0]!r}") from None
    if not all(type(value) is str for value in found):
        raise BundleError("the pointer's fields must be strings")
    folder = f"models/{name}/versions/{found.version}"
    if found[1:3] != (f"{folder}/model.ubj", f"{folder}/manifest.json"):
        raise BundleError(f"the pointer's keys must lie in {folder}/, got {found.model_key!r}")
    return found


def load(store: Store, pointer: Pointer, name: str) -> Model:
    """Fetches and verifies the bundle: checksums, version, the model's structure and features, predictions.

    Raises:
        BundleError: it does not fit; nothing of it may be served.
        store.StoreError: it could not be fetched.
    """
    manifest = _document(_fetch(store, pointer.manifest_key, pointer.manifest_sha256), "manifest", name)
    content = _fetch(store, pointer.model_key, pointer.model_sha256)
    try:
        if manifest["version"] != pointer.version:
            raise ValueError(f"the manifest is that of version {manifest['version']!r}")
        encoder = Encoder(manifest["features"], manifest.get("zones", {}))  # older models take no zones
        _check_features(content, encoder)
        model = Model(pointer, Booster(content), encoder)
        _check_smoke(model, manifest["smoke"])
    except (BoosterError, RejectedError, ValueError) as error:
        raise BundleError(f"version {pointer.version}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"version {pointer.version}: the manifest is incomplete: {error!r}") from error
    return model


def _document(text: bytes, kind: str, name: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BundleError(f"the {kind} is not valid JSON: {error}") from None
    if type(document) is not dict or document.get("schema") != SCHEMA or document.get("name") != name:
        raise BundleError(f"the {kind} is not of schema {SCHEMA} and model {name!r}")
    return document


def _fetch(store: Store, key: str, sha256: str) -> bytes:
    found = store.get(key)
    body = b"" if found is None else found.body
    digest = hashlib.sha256(body).hexdigest()
    if digest != sha256:
        raise BundleError(f"{key} has the SHA-256 {digest}, the pointer says {sha256}")
    return body


def _check_features(content: bytes, encoder: Encoder) -> None:
    found = read_features(content)
    if found != (encoder.names, encoder.types):
        raise ValueError(
            f"the model takes {found.names} of types {found.types}, "
            f"the manifest lists {encoder.names} of types {encoder.types}"
        )


def _check_smoke(model: Model, smoke: dict[str, Any]) -> None:
    """The bundle's own ride events give the predictions that training made of them, bit for bit."""
    rides = [parse(event) for event in smoke["events"]]
    found = model.predict([ride for ride in rides if type(ride) is Ride])
    if not found or found != smoke["predictions"]:
        raise ValueError(f"the smoke test predicts {found}, the manifest says {smoke['predictions']}")
