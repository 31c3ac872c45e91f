"""The function's entry point, `handler.handler`, for a Kinesis event source mapping."""

# ruff: noqa: E402 - the imports below are what the collector would search

import gc

gc.disable()  # what a start imports and loads stays; to search it for garbage takes 4 % of the start

import os
from typing import Any

import logs
from predictor import Predictor

predictor = Predictor.from_environment(os.environ)
predictor.warm_up()  # while the environment is initialised, when Lambda gives the function a whole core
gc.freeze()
gc.enable()
_cold_start = True


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Scores the batch in `event`; see `Predictor.handle`."""
    global _cold_start
    logs.begin(context, cold_start=_cold_start, records=event["Records"])
    _cold_start = False
    return predictor.handle(event)
