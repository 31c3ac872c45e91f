"""The training's DAG, from trips in the data bucket to a model that is published and served."""

import time
from collections.abc import Callable
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.rehearse.containers.account import Stack
from ops.rehearse.predictor import Predictor
from ops.rehearse.visit import Airflow

DAG = "taxi_model_training"
SECONDS = 900.0  # a limit, not a claim
# The moment as of which the training takes the rehearsal's months: it counts four months back.
AS_OF = "2023-05-15T00:00:00Z"
Wait = Callable[[], None]


def train(stack: Stack, log_in: Callable[[Wait], Airflow], wait: Wait, folder: Path) -> float:
    """Runs the DAG, and a ride a second once there is a model, which its last task waits for; gives seconds.

    Raises:
        LocalRunError: a task failed, or the predictor serves another model than was published.
    """
    client = stack.clients("s3")
    variables = stack.function_variables()
    pointer = f"models/{variables['MODEL_NAME']}/{variables['MODEL_ALIAS']}.json"
    with Predictor(folder, variables, stack.clients.environment()) as predictor:

        def ride_and_wait() -> None:
            if client.list_objects_v2(Bucket=stack.data_bucket, Prefix=pointer).get("Contents"):
                predictor.send_one()
            wait()

        airflow, began = log_in(ride_and_wait), time.monotonic()
        run = airflow.trigger(DAG, run_after=AS_OF)
        airflow.wait_for_run(DAG, run=run, seconds=SECONDS)
        seconds = time.monotonic() - began
    said = airflow.returned(DAG, run, "confirm")
    if "the newest prediction is of version" not in said:
        raise LocalRunError(f"{DAG} published a model that the predictor does not serve: {said}")
    return seconds
