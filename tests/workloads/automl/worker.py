"""A process of a study whose trials cost nothing: `python worker.py JOURNAL DATABASE TRIALS [TRIAL]`.

Each trial writes its number. With TRIAL the process hangs in that one, for a test to kill it there.
"""

import sys
import time
from pathlib import Path
from typing import Any, cast

import optuna

from workloads.automl import storage
from workloads.automl.objective import Objective
from workloads.automl.study import Search, search

storage.HEARTBEAT_SECONDS, storage.GRACE_SECONDS = 1, 2


def objective(trial: optuna.Trial) -> float:
    """A bowl whose middle is known."""
    print(trial.number, flush=True)
    if len(sys.argv) > 4 and trial.number == int(sys.argv[4]):
        time.sleep(600)
    return (trial.suggest_float("learning_rate", 0.03, 0.2, log=True) - 0.1) ** 2


if __name__ == "__main__":
    journal, database, trials = sys.argv[1:4]
    how = Search(name="bowl", journal=Path(journal), database=database, trials=int(trials))
    search(how, cast(Objective, cast(Any, objective)))
