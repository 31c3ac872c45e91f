import socket
import subprocess
import sys

import httpx
import pytest

from tests.workloads.admin.pages import ENVIRONMENT
from workloads.admin.settings import SettingError, Settings


def test_every_problem_is_in_one_message() -> None:
    given = {**ENVIRONMENT, "ADMIN_PASSWORD": "short", "DATA_BUCKET": "", "ADMIN_PORT": "0"}
    with pytest.raises(SettingError) as error:
        Settings.of({**given, "ADMIN_BEHIND_PROXY": "perhaps"})
    for variable in ("ADMIN_PASSWORD", "DATA_BUCKET", "ADMIN_PORT", "ADMIN_BEHIND_PROXY"):
        assert variable in str(error.value)
    assert "short" not in str(error.value)


def test_one_password_is_not_for_two_users() -> None:
    with pytest.raises(SettingError, match="ADMIN_VIEWER_PASSWORD"):
        Settings.of({**ENVIRONMENT, "ADMIN_VIEWER_PASSWORD": ENVIRONMENT["ADMIN_PASSWORD"]})


def test_optional_ones_may_be_absent() -> None:
    settings = Settings.of({**ENVIRONMENT, "ADMIN_OIDC_ADMINS": "Ada@example.com, "})
    assert settings.airflow_link == ""
    assert settings.mlflow_link == "http://127.0.0.1:9"
    assert settings.oidc_admins == {"ada@example.com"}


def test_command_says_what_is_missing() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workloads.admin"], env={}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "ADMIN_PASSWORD" in run.stderr
    assert "Traceback" not in run.stderr


def test_command_serves_until_it_is_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    given = {**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "ADMIN_PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", "workloads.admin"], env=given, stdout=subprocess.PIPE, text=True
    ) as gui:
        assert gui.stdout
        assert gui.stdout.readline() == f"the admin GUI listens on port {port}\n"
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60)
        assert answer.text == "ok\n"
        gui.terminate()
        assert gui.wait(60) == 0
