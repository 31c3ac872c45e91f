"""Hostile records and damaged bytes, drawn at random."""

import json
import random
from typing import Any

from tests.bundles import RIDE

HOSTILE: list[Any] = [
    *(
        None,
        True,
        False,
        "",
        "1",
        "\x00",
        "\ud800",
        "é" * 99,
        [],
        {},
        [[]],
        {"ride": {}},
        "NaN",
        "2023-03-01",
    ),
    *(0, -1, 1, 264, 265, 266, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**400, -(10**30), 1.0, 0.5, -0.0),
    *(float("nan"), float("inf"), float("-inf"), 5e-324, 1e308, 3.4028235e38, 3.4028237e38),
    *(
        "2023-03-01T08:30:00",
        "2023-03-12 02:30:00",
        "2023-03-01T08:30:00Z",
        "2023-03-01T24:00:00",
        "20230301T083000",
    ),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2023-W10-3T08:30:00", "2023-02-29T00:00:00"),
]
FIELDS = [
    *RIDE,
    "lpep_pickup_datetime",
    "passenger_count",
    "ride_id",
    "ride",
    "event",
    "lpep_dropoff_datetime",
]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """The bytes with one to eight places flipped, replaced, dropped, put in or copied from elsewhere."""
    found = bytearray(content)
    for _ in range(draw.choice([1, 1, 1, 2, 8])):
        place, length = draw.randrange(len(found) or 1), draw.randrange(1, 17)
        match draw.randrange(6):
            case 0:
                found[place : place + 1] = bytes([found[place] ^ 1 << draw.randrange(8)]) if found else b""
            case 1:
                found[place : place + 1] = draw.randbytes(1)
            case 2:
                del found[place : place + length]
            case 3:
                found[place:place] = draw.randbytes(length)
            case 4:
                found[place : place + 4] = draw.choice(
                    [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 4, b"\x80\0\0\0"]
                )
            case 5:
                source = draw.randrange(len(found) or 1)
                found[place : place + length] = found[source : source + length]
    return bytes(found)


def record(draw: random.Random) -> bytes:
    """A Kinesis record's data: a ride, a ride with hostile values, a finished ride, or damaged bytes."""
    fields: dict[str, Any] = {
        "PULocationID": draw.randrange(-1, 268),
        "DOLocationID": draw.randrange(-1, 268),
        "trip_distance": draw.choice([draw.uniform(0, 30), draw.expovariate(1e-4), draw.randrange(9)]),
    }
    if draw.random() < 0.5:
        fields["lpep_pickup_datetime"] = (
            f"20{draw.randrange(100):02}-{draw.randrange(14):02}-15T{draw.randrange(26):02}:30:00"
        )
    if draw.random() < 0.5:
        fields["passenger_count"] = draw.randrange(-1, 9)
    event: dict[str, Any] = {"ride_id": draw.choice([draw.randrange(10**9), f"r{draw.random()}"])}
    event |= {"ride": fields} if draw.random() < 0.8 else fields
    match draw.randrange(6):
        case 0:
            fields[draw.choice(FIELDS)] = draw.choice(HOSTILE)
        case 1:
            event[draw.choice(FIELDS)] = draw.choice(HOSTILE)
        case 2:
            event = {
                "ride_id": event["ride_id"],
                "event": "completed",
                "lpep_dropoff_datetime": draw.choice(HOSTILE),
            }
        case 3:
            return damaged(json.dumps(event).encode(), draw)
        case 4:
            return draw.choice(
                [draw.randbytes(draw.randrange(60)), json.dumps(draw.choice(HOSTILE)).encode()]
            )
    return json.dumps(event, ensure_ascii=draw.random() < 0.5).encode(errors="surrogatepass")
