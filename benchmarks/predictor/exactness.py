"""The predictor's own path, from record to minutes, against `xgboost.Booster.predict` on real rides."""

import base64
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.predictor.prepare import Prepared, event

RECORDS = 100_000


def compare(prepared: Prepared) -> tuple[float, int]:
    """The greatest difference in minutes, and the number of rides that were compared."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "lambda"))
    from booster import Booster
    from features import Encoder
    from records import Ride, read

    rides = prepared.rides.head(RECORDS)
    expected = prepared.model.predict(rides)
    found = []
    for number, row in enumerate(rides.to_dict("records")):
        read_back = read(base64.b64encode(json.dumps(event(number, row)).encode()).decode())
        if not isinstance(read_back, Ride):
            raise TypeError(f"ride {number} was read as {read_back}")
        found.append(read_back)
    manifest = json.loads(prepared.bundle.manifest)
    encoder = Encoder(manifest["features"], manifest["zones"])
    minutes = Booster(prepared.bundle.model).predict(encoder.matrix(found), len(encoder.types))
    difference = np.abs(np.array(minutes) - expected.astype(np.float64)).max()
    return float(difference), len(found)
