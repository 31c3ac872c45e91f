"""XGBoost's native library through its C API, without NumPy, SciPy or the xgboost package.

The functions are those of https://xgboost.readthedocs.io/en/stable/c.html; each returns 0, or -1 with
the reason in `XGBGetLastError`. Predictions are those of `xgboost.Booster.predict`, bit for bit, because
it is the same library that computes them.
"""

from array import array
from ctypes import CDLL, POINTER, byref, c_char_p, c_float, c_int, c_uint64, c_void_p
from importlib.machinery import PathFinder
from typing import Any
from weakref import finalize

# `type` 0 is the plain prediction; `iteration_end` 0 means all trees; a NaN is a missing value.
_PREDICT = (
    b'{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,'
    b'"strict_shape":false,"cache_id":0,"missing":NaN}'
)
_FUNCTIONS: dict[str, list[Any]] = {
    "XGBSetGlobalConfig": [c_char_p],
    "XGBoosterCreate": [c_void_p, c_uint64, POINTER(c_void_p)],
    "XGBoosterFree": [c_void_p],
    "XGBoosterSetParam": [c_void_p, c_char_p, c_char_p],
    "XGBoosterLoadModelFromBuffer": [c_void_p, c_char_p, c_uint64],
    "XGDMatrixFree": [c_void_p],
    "XGProxyDMatrixCreate": [POINTER(c_void_p)],
    # booster, array interface, config, proxy or null; shape, dimensions, result
    "XGBoosterPredictFromDense": [
        *(c_void_p, c_char_p, c_char_p, c_void_p),
        *(POINTER(POINTER(c_uint64)), POINTER(c_uint64), POINTER(POINTER(c_float))),
    ],
}


class BoosterError(Exception):
    """XGBoost refused a model or a matrix; the message is its own."""


def _load() -> CDLL:
    # Found, not imported: the package beside the library needs NumPy and SciPy.
    spec = PathFinder.find_spec("xgboost")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("libxgboost.so is missing: build the package with components/streaming")
    (folder, *_) = spec.submodule_search_locations
    library = CDLL(f"{folder}/lib/libxgboost.so")
    library.XGBGetLastError.restype = c_char_p
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = c_int
    return library


_library = _load()


def _call(function: str, *arguments: Any) -> None:
    if getattr(_library, function)(*arguments):
        raise BoosterError(_library.XGBGetLastError().decode(errors="replace").split("\nStack trace")[0])


class Booster:
    """A model of one output, scored on one thread.

    Args:
        model: The model in XGBoost's UBJSON or JSON.

    Raises:
        BoosterError: `model` cannot be read.
    """

    def __init__(self, model: bytes) -> None:
        self._handle = c_void_p()
        if not model:
            raise BoosterError("the model is empty")  # XGBoost would end the process
        # For this thread, which also reads the model: several would wait for each other, at work, for longer
        # than one takes.
        _call("XGBSetGlobalConfig", b'{"verbosity":0,"nthread":1}')
        _call("XGBoosterCreate", None, 0, byref(self._handle))
        finalize(self, _library.XGBoosterFree, self._handle)
        _call("XGBoosterLoadModelFromBuffer", self._handle, model, len(model))
        _call("XGBoosterSetParam", self._handle, b"nthread", b"1")
        # Without one XGBoost makes it in every call, and reads the CPU limit from the control group's files.
        self._proxy = c_void_p()
        _call("XGProxyDMatrixCreate", byref(self._proxy))
        finalize(self, _library.XGDMatrixFree, self._proxy)

    def predict(self, matrix: "array[float]", columns: int) -> list[float]:
        """Scores every row.

        Args:
            matrix: Row-major float32 values (`array("f")`), of shape rows x `columns`; NaN is missing.
            columns: The number of features.

        Returns:
            A float32 value for each row.

        Raises:
            BoosterError: the model takes another number of columns.
        """
        address, length = matrix.buffer_info()
        rows = length // columns
        # The proxy looks at our own buffer: a DMatrix, dense or sparse, copies first and costs 40 us more.
        interface = (
            f'{{"data":[{address},true],"shape":[{rows},{columns}],"typestr":"<f4","version":3}}'.encode()
        )
        shape, dimensions, result = POINTER(c_uint64)(), c_uint64(), POINTER(c_float)()
        _call(
            "XGBoosterPredictFromDense",
            *(self._handle, interface, _PREDICT, self._proxy),
            *(byref(shape), byref(dimensions), byref(result)),
        )
        return result[:rows]
