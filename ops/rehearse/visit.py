"""What a person would do first: log in to Airflow and run DAGs, log in to MLflow and keep an artifact."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from ops.local.errors import LocalRunError
from ops.local.services import ROOT

DAG = "platform_check"
DAG_SECONDS = 600.0  # a limit, as are all here
ANSWER_SECONDS = 180.0  # a limit, not a claim: the first login takes seconds of CPU
PARSE_SECONDS = 2.0  # a file that takes longer does work when it is imported
TEXT = b"kept by the server, not by the client"
Wait = Callable[[], None]


class Airflow:
    """Airflow's API as admin; `wait` is called between looks, `host` is its name if not the URL's.

    Raises:
        LocalRunError: a wrong password got in, or the right one did not.
    """

    def __init__(self, url: str, password: str, wait: Wait, *, host: str = "") -> None:
        self._client = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, headers=host_header(host))
        self._wait = wait
        login = {"username": "admin", "password": "wrong"}
        if self._client.post("/auth/token", json=login).is_success:
            raise LocalRunError("Airflow lets admin in with a wrong password")
        token = _ok(self._client.post("/auth/token", json={**login, "password": password}))
        self._client.headers["Authorization"] = f"Bearer {token['access_token']}"

    def run(
        self,
        dag: str = DAG,
        *,
        seconds: float = DAG_SECONDS,
        run_after: str | None = None,
    ) -> float:
        """Runs a DAG, as of `run_after` (ISO 8601) or now; gives its seconds.

        Raises:
            LocalRunError: the run failed, or was not done within `seconds`.
        """
        run, started = self.trigger(dag, run_after=run_after), time.monotonic()
        self.wait_for_run(dag, run=run, seconds=seconds)
        return time.monotonic() - started

    def trigger(
        self, dag: str, *, run_after: str | None = None, conf: Mapping[str, Any] | None = None
    ) -> str:
        """Asks for a run, with parameters; gives its id."""
        self._until_parsed(dag)
        given = {"run_after": run_after, "conf": conf}
        asked = {"logical_date": None, **{name: value for name, value in given.items() if value}}
        return str(_ok(self._client.post(f"/api/v2/dags/{dag}/dagRuns", json=asked))["dag_run_id"])

    def wait_for_run(self, dag: str, *, run: str = "", seconds: float = DAG_SECONDS) -> None:
        """Returns when a run has succeeded; without its id, when any has.

        Raises:
            LocalRunError: the run failed, or was not done within `seconds`.
        """
        deadline, state = time.monotonic() + seconds, "not there"
        while time.monotonic() < deadline:
            runs = _ok(self._client.get(f"/api/v2/dags/{dag}/dagRuns"))["dag_runs"]
            for each in [one for one in runs if run in ("", one["dag_run_id"])]:
                state = each["state"]
                if state == "success":
                    return
                if state == "failed" or self._retries(dag, each["dag_run_id"]):
                    raise LocalRunError(f"the DAG {dag} failed:\n{self._log(dag, each['dag_run_id'])}")
            self._wait()
        raise LocalRunError(f"the run {run or 'of its own'} of {dag} was {state} after {seconds:.0f} s")

    def backfill(self, dag: str, first: str, last: str) -> list[str]:
        """Asks for the runs of two days (YYYY-MM-DD) and those between, in order; gives their ids."""
        days = {"from_date": f"{first}T00:00:00Z", "to_date": f"{last}T23:59:59Z"}
        _ok(self._client.post("/api/v2/backfills", json={"dag_id": dag, **days, "max_active_runs": 1}))
        runs = _ok(self._client.get(f"/api/v2/dags/{dag}/dagRuns?order_by=logical_date"))["dag_runs"]
        return [str(each["dag_run_id"]) for each in runs if each["run_type"] == "backfill"]

    def pause(self) -> None:
        """Waits for a moment."""
        self._wait()

    def end(self, dag: str, run: str) -> None:
        """Ends a run, as one that failed."""
        _ok(self._client.patch(f"/api/v2/dags/{dag}/dagRuns/{run}", json={"state": "failed"}))

    def returned(self, dag: str, run: str, task: str) -> str:
        """What a task gave: the last line that its command printed."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        return str(_ok(self._client.get(path))["value"])

    def log(self, dag: str, run: str, task: str, *, begun: bool = True) -> str:
        """The log of a task's first try; empty for one that has not `begun` and has none."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/1"
        answer = self._client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND and not begun:
            return ""
        _ok(answer)
        return answer.text

    def check_dags(self, seconds: float = DAG_SECONDS) -> None:
        """Waits until each DAG's file was imported quickly: Airflow imports it again and again.

        Raises:
            LocalRunError: a file cannot be imported, or never takes less than `PARSE_SECONDS`.
        """
        deadline = time.monotonic() + seconds
        for dag in _dags():
            self._until_parsed(dag)
            while (took := self._parse_seconds(dag)) >= PARSE_SECONDS:
                if time.monotonic() > deadline:
                    raise LocalRunError(
                        f"workloads/dags/{dag}.py: Airflow takes {took:.1f} s to import it, at most "
                        f"{PARSE_SECONDS:g} s are allowed; let a task do the work"
                    )
                self._wait()
        if errors := _ok(self._client.get("/api/v2/importErrors"))["import_errors"]:
            raise LocalRunError("\n".join(f"{each['filename']}: {each['stack_trace']}" for each in errors))

    def _parse_seconds(self, dag: str) -> float:
        found = _ok(self._client.get(f"/api/v2/dags/{dag}"))["last_parse_duration"]
        return float("inf") if found is None else float(found)

    def use_only(self, *dags: str) -> None:
        """Pauses every other DAG and ends the runs that began by themselves: tasks find the workers free."""
        for dag in _dags():
            self._until_parsed(dag)
            _ok(self._client.patch(f"/api/v2/dags/{dag}", json={"is_paused": dag not in dags}))
        runs = _ok(self._client.get("/api/v2/dags/~/dagRuns?state=queued&state=running"))["dag_runs"]
        for run in runs:
            self.end(run["dag_id"], run["dag_run_id"])

    def task_states(self) -> dict[str, str]:
        """The state of every task that has ended, by DAG, run and task."""
        path = "/api/v2/dags/~/dagRuns/~/taskInstances?limit=500"
        return {
            f"{each['dag_id']}/{each['dag_run_id']}/{each['task_id']}": each["state"]
            for each in _ok(self._client.get(path))["task_instances"]
            if each["state"] in ("success", "failed")
        }

    def _until_parsed(self, dag: str, seconds: float = DAG_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while self._client.get(f"/api/v2/dags/{dag}").status_code == httpx.codes.NOT_FOUND:
            if time.monotonic() > deadline:
                raise LocalRunError(f"Airflow did not find the DAG {dag} within {seconds:.0f} s")
            self._wait()

    def _retries(self, dag: str, run: str) -> bool:
        """Whether a task waits to be tried again, which takes longer than anybody waits for a rehearsal."""
        tasks = _ok(self._client.get(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"))["task_instances"]
        return any(each["state"] == "up_for_retry" for each in tasks)

    def _log(self, dag: str, run: str) -> str:
        """The end of what the run's tasks printed at their last try."""
        base = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
        lines: list[str] = []
        for task in _ok(self._client.get(base))["task_instances"]:
            answer = self._client.get(f"{base}/{task['task_id']}/logs/{task['try_number']}")
            lines += [f"{task['task_id']}: {task['state']}", answer.text[-3000:]]
        return "\n".join(lines)


def mlflow(url: str, password: str, *, host: str = "") -> None:
    """Logs in as admin, makes an experiment, and keeps and reads an artifact through the server.

    Raises:
        LocalRunError: anybody gets in, or admin does not, or the artifact is not what was sent.
    """
    with httpx.Client(base_url=url, timeout=ANSWER_SECONDS, headers=host_header(host)) as client:
        listing = "/api/2.0/mlflow/experiments/search?max_results=1"
        for auth in (None, ("admin", "wrong")):
            if client.get(listing, auth=auth).status_code != httpx.codes.UNAUTHORIZED:
                raise LocalRunError(f"MLflow lets {'anybody' if auth is None else 'a wrong password'} in")
        client.auth = ("admin", password)
        _ok(client.post("/api/2.0/mlflow/experiments/create", json={"name": f"rehearsal-{time.time_ns()}"}))
        artifact = "/api/2.0/mlflow-artifacts/artifacts/rehearsal/note.txt"
        _ok(client.put(artifact, content=TEXT))
        if client.get(artifact).content != TEXT:
            raise LocalRunError("MLflow gave another artifact back than it got")


def move_alias(url: str, password: str, *, model: str, alias: str, version: str) -> None:
    """Moves an alias as MLflow's own page does."""
    moved = {"name": model, "alias": alias, "version": version}
    with httpx.Client(base_url=url, timeout=ANSWER_SECONDS, auth=("admin", password)) as client:
        _ok(client.post("/ajax-api/2.0/mlflow/registered-models/alias", json=moved))


def mlflow_state(url: str, password: str, *, host: str = "") -> dict[str, Any]:
    """Every run with its status and figures, and every version of a model with its aliases."""
    base = "/api/2.0/mlflow"
    with httpx.Client(
        base_url=url, timeout=ANSWER_SECONDS, auth=("admin", password), headers=host_header(host)
    ) as client:
        found = _ok(client.get(f"{base}/experiments/search?max_results=1000"))["experiments"]
        search = {"experiment_ids": [each["experiment_id"] for each in found], "max_results": 1000}
        runs = _ok(client.post(f"{base}/runs/search", json=search)).get("runs", [])
        versions = _ok(client.get(f"{base}/model-versions/search")).get("model_versions", [])
        models = _ok(client.get(f"{base}/registered-models/search")).get("registered_models", [])
    return {
        **{f"run {each['info']['run_id']}": [each["info"]["status"], each["data"]] for each in runs},
        **{f"version {each['name']} {each['version']}": each["run_id"] for each in versions},
        **{f"model {each['name']}": each.get("aliases", []) for each in models},
    }


def _dags() -> list[str]:
    """The names of the project's DAGs, which are those of their files."""
    files = sorted((ROOT / "workloads" / "dags").glob("*.py"))
    return [file.stem for file in files if "with DAG(" in file.read_text()]


def host_header(name: str) -> dict[str, str]:
    """The header by which a server behind a load balancer knows its own name."""
    return {"Host": name} if name else {}


def _ok(response: httpx.Response) -> Any:
    if not response.is_success:
        raise LocalRunError(f"{response.request.url} answered {response.status_code}: {response.text[:300]}")
    return response.json() if response.content else None
