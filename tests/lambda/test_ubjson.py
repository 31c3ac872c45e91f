"""Documents written by hand, byte by byte after https://ubjson.org, are read exactly or refused."""

from typing import Any

import pytest

from ubjson import TypedArray, UBJSONError, loads


def length(count: int) -> bytes:
    return b"L" + count.to_bytes(8, "big", signed=True)


def text(value: str) -> bytes:
    return length(len(value)) + value.encode()


def one(value: bytes, end: bytes = text("b") + b"i\7}") -> bytes:
    """An object with the value under `a`, and then a 7 under `b`."""
    return b"{" + text("a") + value + end


START = len(one(b"", b""))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"i\xff", -1),
        (b"I\x01\x02", 258),
        (b"l\xff\xff\xff\xfe", -2),
        (b"L" + bytes(7) + b"\5", 5),
        (b"S" + length(2) + "é".encode(), "é"),
        (b"S" + length(0), ""),
        (b"[#" + length(0), []),
        (b"[#" + length(2) + b"i\1S" + text("x"), [1, "x"]),
        (b"{}", {}),
        (b"{" + text("c") + b"i\1" + text("d") + b"{}}", {"c": 1, "d": {}}),
    ],
    ids=str,
)
def test_reads_values(value: bytes, expected: Any) -> None:
    assert loads(one(value)) == {"a": expected, "b": 7}


@pytest.mark.parametrize(("kind", "size"), [("U", 1), ("i", 1), ("l", 4), ("L", 8), ("d", 4), ("D", 8)])
@pytest.mark.parametrize("count", [0, 3])
def test_reads_typed_arrays(kind: str, size: int, count: int) -> None:
    content = one(b"[$" + kind.encode() + b"#" + length(count) + bytes(size * count))
    start = START + len(b"[$l#") + 9
    assert loads(content) == {"a": TypedArray(kind, count, start, start + size * count), "b": 7}


def test_reads_a_text_at_the_end() -> None:
    assert loads(one(b"S" + text("x" * 40), b"}")) == {"a": "x" * 40}


def nested(levels: int, opening: bytes, closing: bytes) -> bytes:
    """An empty object in so many levels, itself and the document included."""
    return one(opening * (levels - 2) + b"{}" + closing * (levels - 2), b"}")


NESTING = [(b"{" + text("a"), b"}"), (b"[#" + length(1), b"")]


@pytest.mark.parametrize(("opening", "closing"), NESTING, ids=["objects", "arrays"])
def test_depth(opening: bytes, closing: bytes) -> None:
    assert loads(nested(8, opening, closing))
    with pytest.raises(UBJSONError, match="is nested deeper than 8 levels"):
        loads(nested(9, opening, closing))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[#" + length(0), "should be one object of 11 bytes, it ends at 11"),
        (one(b"i\1") + b"}", f"should be one object of {START + 16} bytes, it ends at {START + 15}"),
        (one(b"T"), f"has the unknown type 84 at byte {START}"),
        (one(b"i\1", text("a") + b"i\2}"), f"names 'a' twice in one object, at byte {START + 12}"),
        (one(b"[i\1]"), f"has an array without a length at byte {START + 1}"),
        (one(b"[$l" + length(0)), f"has an array without a length at byte {START + 3}"),
        (one(b"[$T#" + length(1), b"}"), f"has an array of the unknown type 'T' at byte {START + 13}"),
        (one(b"S" + b"i\1x"), f"has no length where one belongs, at byte {START + 1}"),
        (one(b"S" + length(-1)), f"breaks off: a length of -1 at byte {START + 1}"),
        (one(b"S" + length(3) + b"xx", b""), f"breaks off: a length of 3 at byte {START + 1}"),
        (one(b"[$d#" + length(3) + bytes(11), b""), f"breaks off: a length of 3 at byte {START + 4}"),
        (one(b"S" + text("x"), b""), f"breaks off or is damaged at byte {START + 11}"),
        (one(b"i", b""), f"breaks off or is damaged at byte {START + 1}"),
        (one(b"S" + length(1) + b"\xff"), f"breaks off or is damaged at byte {START + 11}"),
        (b"", "breaks off or is damaged at byte 0"),
    ],
    ids=lambda found: found[:40] if type(found) is str else "",
)
def test_refuses(content: bytes, message: str) -> None:
    with pytest.raises(UBJSONError) as caught:
        loads(content)
    assert message in str(caught.value)
