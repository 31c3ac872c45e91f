"""`python -m benchmarks.serving.server VARIANT FOLDER PORT`: one of the services, on the same server."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

VARIANTS = ("ours", "nothing", "fastapi")


def ours(folder: Path) -> Any:
    """The service, with the bundle from files."""
    from models import Alias
    from store import Object
    from workloads.serving.app import Service

    class Files:
        def get(self, key: str, *, etag: str = "") -> Object | None:
            return None if etag else Object((folder / key).read_bytes(), "one")

        def put(self, key: str, body: bytes) -> None: ...

    name = (folder / "name").read_text()
    alias = Alias(Files(), name=name, alias="champion", check_seconds=0, clock=time.monotonic)
    return Service(alias, name=name, check_seconds=60)


def nothing(_folder: Path) -> Any:
    """Reads the request, answers two bytes."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return answer


def fastapi(folder: Path) -> Any:
    """What is written first: FastAPI, a model of the request, NumPy, XGBoost's package."""
    import numpy as np
    import xgboost
    from fastapi import FastAPI
    from pydantic import BaseModel
    from rides import features

    class Event(BaseModel):
        ride_id: int | str
        ride: dict[str, Any]

    manifest = json.loads((folder / "manifest.json").read_text())
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(folder / "model.ubj")
    app = FastAPI()

    @app.post("/predict")
    def predict(event: Event) -> dict[str, Any]:
        row = np.array([list(features(event.ride).values())], dtype=np.float32)
        minutes = booster.inplace_predict(row, validate_features=False)
        version = manifest["version"]
        return {"version": version, "ride_id": event.ride_id, "ride_duration": float(minutes[0])}

    return app


if __name__ == "__main__":
    variant, where, port = sys.argv[1:]
    make = {"ours": ours, "nothing": nothing, "fastapi": fastapi}[variant]
    uvicorn.run(
        make(Path(where)),
        port=int(port),
        http="httptools",
        loop="uvloop",
        access_log=False,
        log_level="error",
        lifespan="on" if variant == "ours" else "off",
    )
