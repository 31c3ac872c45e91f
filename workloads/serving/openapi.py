"""The service's description in OpenAPI 3.1, and the limits that it states."""

from typing import Any

import orjson

MAX_BYTES, MAX_RIDES = 1 << 20, 1000

_ZONE = {"type": "integer", "minimum": 1, "maximum": 265}
_RIDE = {
    "type": "object",
    "required": ["ride_id", "ride"],
    "properties": {
        "ride_id": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "ride": {
            "type": "object",
            "required": ["PULocationID", "DOLocationID", "trip_distance"],
            "properties": {
                "PULocationID": _ZONE,
                "DOLocationID": _ZONE,
                "trip_distance": {"type": "number", "minimum": 0, "description": "Miles."},
                "lpep_pickup_datetime": {
                    "type": "string",
                    "description": "New York's local time without an offset, like 2023-03-01T08:30:00.",
                },
                "passenger_count": {"type": "integer", "minimum": 0},
            },
        },
    },
}
_PREDICTION = {"ride_id": _RIDE["properties"]["ride_id"], "ride_duration": {"type": "number"}}  # type: ignore[index]
_ABOUT = {"model": {"type": "string"}, "version": {"type": "string"}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_REFUSALS = {
    status: _answer(description, _object({"error": {"type": "string"}}))
    for status, description in {
        "400": "The body is not valid JSON.",
        "413": f"More than {MAX_BYTES} bytes or {MAX_RIDES} rides.",
        "422": "What is wrong with a ride.",
        "503": "No model is published yet.",
    }.items()
}
_BATCH = _object({**_ABOUT, "predictions": {"type": "array", "items": _object(_PREDICTION)}})


def _get(summary: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": answers}}


_PATHS = {
    "/predict": {
        "post": {
            "summary": "The minutes that a ride will take, or those of a list of rides.",
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"anyOf": [_RIDE, {"type": "array", "items": _RIDE, "maxItems": MAX_RIDES}]}
                    }
                },
            },
            "responses": {
                "200": _answer("The predictions.", {"anyOf": [_object({**_ABOUT, **_PREDICTION}), _BATCH]}),
                **_REFUSALS,
            },
        }
    },
    "/health": _get("Whether the process answers.", {"200": _answer("It does.", {"type": "object"})}),
    "/ready": _get(
        "Whether a model is served.",
        {"200": _answer("Its version.", _object({"version": {"type": "string"}})), "503": _REFUSALS["503"]},
    ),
    "/metrics": _get(
        "Counts in Prometheus' format.",
        {"200": {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    ),
}
DOCUMENT = orjson.dumps(
    {"openapi": "3.1.0", "info": {"title": "Ride durations", "version": "1"}, "paths": _PATHS}
)
