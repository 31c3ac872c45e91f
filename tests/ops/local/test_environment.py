"""The caller's environment does not change a run."""

import json
import os
import sys
from pathlib import Path

import pytest

from ops.local import environment
from ops.local.services import Children

FOREIGN = {
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_PROFILE": "nowhere",
    "AWS_SESSION_TOKEN": "secret",
    "ALL_PROXY": "socks5://127.0.0.1:1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "MLFLOW_RUN_ID": "0123",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
    "PULUMI_CONFIG": "{}",
    "PYTHONPATH": "/nowhere",
    "SOMETHING_ELSE": "1",
}
SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def test_child_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**FOREIGN, "LC_TIME": "C", "TZ": "UTC"}.items():
        monkeypatch.setenv(name, value)
    with Children(tmp_path) as children:
        popen = children.start("show", [sys.executable, "-c", SHOW], environment={"OWN": "1"})
        assert popen.wait() == 0
        seen = json.loads(children.log("show").read_text())
    assert not seen.keys() & FOREIGN.keys()
    assert {name: seen[name] for name in ("PATH", "LC_TIME", "TZ", "OWN")} == {
        "PATH": os.environ["PATH"], "LC_TIME": "C", "TZ": "UTC", "OWN": "1",
    }  # fmt: skip
    assert seen["AWS_CONFIG_FILE"] == os.devnull


def test_only_downloads_use_proxies() -> None:
    caller = {**FOREIGN, "MLOPS_DATA_DIR": "/data", "UV_INDEX_URL": "https://index.example"}
    seen = environment.downloads(caller)
    assert seen.keys() - environment.machine(caller).keys() == {
        "ALL_PROXY", "HTTPS_PROXY", "MLOPS_DATA_DIR", "UV_INDEX_URL",
    }  # fmt: skip
    assert seen["NO_PROXY"] == "127.0.0.1,localhost"


def test_own_environment_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "1")
    before = dict(os.environ)
    with pytest.raises(ValueError, match="inside"), environment.only({"A": "1"}):  # noqa: PT012
        assert dict(os.environ) == {"A": "1"}
        raise ValueError("inside")
    assert dict(os.environ) == before
