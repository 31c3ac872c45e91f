"""The model that an alias points at, followed while the function runs."""

from collections.abc import Callable

from bundle import BundleError, Model, load, read_pointer
from logs import log
from store import Store, StoreError


class ModelUnavailableError(Exception):
    """There is no model to serve, nor an earlier one."""


class Alias:
    """Serves the alias' model; a newer one is verified beside it and then takes its place.

    Args:
        store: Where bundles lie.
        name: The registered model.
        alias: The alias to follow.
        check_seconds: The pointer is asked for at most once in so many seconds.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self, store: Store, *, name: str, alias: str, check_seconds: float, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._name = name
        self._alias = alias
        self._check_seconds = check_seconds
        self._clock = clock
        self._model: Model | None = None
        self._etag = ""
        self._next_check = float("-inf")
        self.failures = 0

    def model(self) -> Model:
        """The model of now, or the last good one when the pointer or its bundle is broken.

        Raises:
            ModelUnavailableError: there is none and there was none.
        """
        if self._model is None or self._clock() >= self._next_check:
            self._next_check = self._clock() + self._check_seconds
            try:
                self._refresh()
            except (BundleError, StoreError) as error:
                self._failed(error)
        if self._model is None:
            raise ModelUnavailableError(f"no model can be served for {self._name}@{self._alias}")
        return self._model

    def take_failures(self) -> int:
        """The failed refreshes since the last call."""
        failures, self.failures = self.failures, 0
        return failures

    def _refresh(self) -> None:
        found = self._store.get(f"models/{self._name}/{self._alias}.json", etag=self._etag)
        if found is None:
            return
        pointer = read_pointer(found.body, self._name)
        if self._model is None or self._model.pointer != pointer:
            self._model = load(self._store, pointer, self._name)
            log("INFO", "serving a model", alias=self._alias, model_version=pointer.version)
        # Only now: a pointer whose bundle failed is looked at again, it may have been repaired in place.
        self._etag = found.etag

    def _failed(self, error: BundleError | StoreError) -> None:
        serving = self._model.version if self._model else None
        log("ERROR", f"refresh failed: {error}", alias=self._alias, model_version=serving)
        if not (isinstance(error, StoreError) and error.transient):
            self.failures += 1
