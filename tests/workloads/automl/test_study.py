"""A study: what it finds, and what it keeps when processes are killed or share it."""

import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from workloads.automl import study as study_module
from workloads.automl.objective import Objective
from workloads.automl.space import DEFAULTS, with_defaults
from workloads.automl.storage import open_database, open_journal
from workloads.automl.study import FINISHED, Search, search
from workloads.training import model as model_module
from workloads.training.errors import SettingError, TrainingError
from workloads.training.model import PARAMETERS

ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).with_name("worker.py")


def bowl(trial: optuna.Trial) -> float:
    """Judges two parameters; the best are far from the defaults."""
    rate = trial.suggest_float("learning_rate", 0.03, 0.2, log=True)
    return (rate - 0.05) ** 2 + (trial.suggest_float("subsample", 0.5, 1.0) - 0.6) ** 2


def run(how: Search, objective: Any = bowl) -> study_module.Found:
    return search(how, cast(Objective, objective))


def start(journal: Path, database: str = "", *, trials: int, hang: int | None = None) -> Any:
    """A worker in a process of its own."""
    arguments = [str(journal), database, str(trials), *([str(hang)] if hang is not None else [])]
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments], cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def storages(folder: Path) -> list[tuple[Path, str]]:
    return [(folder / "journal.log", ""), (folder / "unused.log", f"sqlite:///{folder / 'study.db'}")]


def load(journal: Path, database: str) -> optuna.Study:
    storage = open_database(database) if database else open_journal(journal)
    return optuna.load_study(study_name="bowl", storage=storage)


def test_is_never_worse_than_the_defaults(tmp_path: Path) -> None:
    found = run(Search(name="bowl", journal=tmp_path / "j.log", trials=12, seed=1))
    defaults = {name: DEFAULTS[name] for name in ("learning_rate", "subsample")}
    assert found.study.trials[0].params == defaults
    assert found.finished == 12
    assert found.study.best_value < (found.study.trials[0].value or 0)


def test_has_the_trials_that_it_was_asked_for(tmp_path: Path) -> None:
    """A second call adds what is missing, and a third nothing."""
    for trials, finished in ((3, 3), (5, 5), (5, 5), (2, 5)):
        found = run(Search(name="bowl", journal=tmp_path / "j.log", trials=trials))
        assert found.finished == finished


def test_time_limit_begins_no_trial(tmp_path: Path) -> None:
    found = run(Search(name="bowl", journal=tmp_path / "j.log", trials=5, timeout_seconds=0))
    assert found.finished == 0


@pytest.mark.parametrize("kind", [0, 1], ids=["journal", "database"])
def test_killed_in_a_trial_loses_no_finished_one(tmp_path: Path, kind: int) -> None:
    """The trial in which the process was killed runs again."""
    journal, database = storages(tmp_path)[kind]
    process = start(journal, database, trials=8, hang=3)
    assert [int(process.stdout.readline()) for _ in range(4)] == [0, 1, 2, 3]
    process.kill()
    process.wait()
    before = [one for one in load(journal, database).trials if one.state in FINISHED]
    resumed = start(journal, database, trials=8)
    resumed.communicate(timeout=120)
    trials = load(journal, database).trials
    assert [one.number for one in before] == [0, 1, 2]
    assert [trials[one.number].value for one in before] == [one.value for one in before]
    assert Counter(one.state for one in trials)[TrialState.COMPLETE] >= 8 - kind


@pytest.mark.parametrize("kind", [0, 1], ids=["journal", "database"])
def test_two_processes_share_a_study(tmp_path: Path, kind: int) -> None:
    """No trial runs twice, and the defaults are judged once."""
    journal, database = storages(tmp_path)[kind]
    workers = [start(journal, database, trials=20) for _ in range(2)]
    numbers = [int(line) for worker in workers for line in worker.communicate(timeout=120)[0].split()]
    trials = load(journal, database).trials
    assert Counter(numbers) == Counter(one.number for one in trials)
    assert 20 <= len(trials) <= 21  # each may have begun the last one
    values = [one.params["learning_rate"] for one in trials]
    assert len(set(values)) == len(values)


def test_database_that_does_not_answer(tmp_path: Path) -> None:
    """The message names the variable and keeps the password to itself."""
    url = f"sqlite:///{tmp_path}/no/such/folder/secret.db"
    with pytest.raises(TrainingError, match="STUDY_DATABASE_URL: the database cannot be used") as error:
        open_database(url)
    assert "secret" not in str(error.value)


def test_objective_is_judged_on_later_days(train_set: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fold is fitted on all days before those that it is judged on, and begins where one ended."""
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 2)
    seen: list[tuple[int, int]] = []

    def find_rounds(early: Any, late: Any, **_more: Any) -> tuple[int, float]:
        seen.append((early.num_row(), late.num_row()))
        return 1, 4.0

    monkeypatch.setattr("workloads.automl.objective.find_rounds", find_rounds)
    value = Objective(train_set)(cast(optuna.Trial, optuna.trial.FixedTrial(DEFAULTS)))
    assert value == 4.0
    assert all(early + late == following for (early, late), (following, _) in pairwise(seen))
    assert sum(seen[-1]) == len(train_set)


def test_bad_trials_are_given_up(
    train_set: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter([3.0, 3.0, 3.0] * study_module.WARM_UP_TRIALS + [9.0])
    monkeypatch.setattr("workloads.automl.objective.find_rounds", lambda *_, **__: (1, next(errors)))
    trials = study_module.WARM_UP_TRIALS + 1
    found = run(Search(name="bowl", journal=tmp_path / "j.log", trials=trials), Objective(train_set))
    assert [one.state for one in found.study.trials] == [*[TrialState.COMPLETE] * 5, TrialState.PRUNED]


@pytest.mark.parametrize("chosen", [{"max_leaves": 4}, {"nthread": 8}, {"max_leaves": "many"}], ids=str)
def test_parameters_that_were_not_searched(chosen: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=f"parameter {next(iter(chosen))}: got"):
        with_defaults(chosen)


def test_parameters_keep_what_is_fixed() -> None:
    assert with_defaults({"max_leaves": 64}) == {**PARAMETERS, "max_leaves": 64}
