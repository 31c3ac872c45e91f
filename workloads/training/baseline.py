"""What the model is measured against: linear regression on the pair of zones and the distance."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def linear(train: pd.DataFrame, rides: pd.DataFrame) -> NDArray[np.float64]:
    """The minutes of `rides` by a linear regression that was fitted on `train`."""
    pairs = OneHotEncoder(handle_unknown="ignore")
    regression = make_pipeline(
        make_column_transformer((pairs, ["pair"]), ("passthrough", ["trip_distance"])), LinearRegression()
    )
    regression.fit(_columns(train), train["minutes"])
    found: NDArray[np.float64] = regression.predict(_columns(rides))
    return found


def _columns(rides: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pair": rides["PULocationID"] * 1000 + rides["DOLocationID"],
            "trip_distance": rides["trip_distance"],
        }
    )
