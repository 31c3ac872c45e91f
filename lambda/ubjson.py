"""Reading Universal Binary JSON as XGBoost writes it: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html

Stricter than XGBoost's own reader, which the bytes of a damaged file can send out of its memory.
"""

import struct
from typing import Any, NamedTuple

_LENGTH = struct.Struct(">q")
_INTEGERS = {ord("i"): struct.Struct(">b"), ord("I"): struct.Struct(">h"), ord("l"): struct.Struct(">i")}
_INTEGERS[ord("L")] = _LENGTH
_SIZES = {"U": 1, "i": 1, "l": 4, "L": 8, "d": 4, "D": 8}  # bytes of an element of a typed array
_MAX_DEPTH = 8  # a model has 6 levels


class UBJSONError(ValueError):
    """The bytes are not a document of the kind that XGBoost writes."""


class TypedArray(NamedTuple):
    """An array of one of UBJSON's number types, big-endian as `content[start:end]` has it."""

    type: str
    length: int
    start: int
    end: int


def loads(content: bytes) -> dict[str, Any]:
    """The document: objects as dicts, arrays as lists or, where the file types them, as a TypedArray.

    Raises:
        UBJSONError: it is not well-formed, or names a key twice.
    """
    reader = _Reader(content)
    try:
        document = reader.value(0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise UBJSONError(f"the model file breaks off or is damaged at byte {reader.at}: {error}") from None
    if type(document) is not dict or reader.at != len(content):
        raise UBJSONError(
            f"the model file should be one object of {len(content)} bytes, it ends at {reader.at}"
        )
    return document


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.at = 0
        self._content = content

    def value(self, depth: int) -> Any:
        marker = self._content[self.at]
        self.at += 1
        if marker == 0x53:  # S
            return self._text()
        if depth == _MAX_DEPTH:
            raise UBJSONError(f"the model file is nested deeper than {_MAX_DEPTH} levels at byte {self.at}")
        if marker == 0x5B:  # [
            return self._array(depth + 1)
        if marker == 0x7B:  # {
            return self._object(depth + 1)
        if (integer := _INTEGERS.get(marker)) is None:
            raise UBJSONError(f"the model file has the unknown type {marker} at byte {self.at - 1}")
        (number,) = integer.unpack_from(self._content, self.at)
        self.at += integer.size
        return number

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._content[self.at] != 0x7D:  # }
            key = self._text()
            if key in found:
                raise UBJSONError(f"the model file names {key!r} twice in one object, at byte {self.at}")
            found[key] = self.value(depth)
        self.at += 1
        return found

    def _array(self, depth: int) -> list[Any] | TypedArray:
        kind = ""
        if self._content[self.at] == 0x24:  # $
            kind = chr(self._content[self.at + 1])
            self.at += 2
        if self._content[self.at] != 0x23:  # '#'
            raise UBJSONError(f"the model file has an array without a length at byte {self.at}")
        self.at += 1
        count = self._length(_SIZES.get(kind, 1))
        if not kind:
            return [self.value(depth) for _ in range(count)]
        if kind not in _SIZES:
            raise UBJSONError(f"the model file has an array of the unknown type {kind!r} at byte {self.at}")
        start = self.at
        self.at += count * _SIZES[kind]
        return TypedArray(kind, count, start, self.at)

    def _text(self) -> str:
        length = self._length(1)
        start = self.at
        self.at += length
        return self._content[start : self.at].decode()

    def _length(self, size: int) -> int:
        if self._content[self.at] != 0x4C:  # L
            raise UBJSONError(f"the model file has no length where one belongs, at byte {self.at}")
        (count,) = _LENGTH.unpack_from(self._content, self.at + 1)
        self.at += 9
        if not 0 <= count * size <= len(self._content) - self.at:
            raise UBJSONError(f"the model file breaks off: a length of {count} at byte {self.at - 9}")
        return int(count)
