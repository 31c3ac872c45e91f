"""Where models come from and results go, as far as the rest of the predictor knows."""

from typing import NamedTuple, Protocol


class StoreError(Exception):
    """A request failed for good, or too often; `transient` says that it may succeed later."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


class Object(NamedTuple):
    """An object's bytes and its entity tag."""

    body: bytes
    etag: str


class Store(Protocol):
    """A bucket; both methods raise a StoreError."""

    def get(self, key: str, *, etag: str = "") -> Object | None:
        """The object, or None when its entity tag is still `etag`."""

    def put(self, key: str, body: bytes) -> None:
        """Writes the object, over another one if need be."""
