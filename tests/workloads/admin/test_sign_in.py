"""Who gets in, for how long, and what is refused on the way."""

import time

import pytest
from flask import Flask

from tests.workloads.admin.pages import Person


def test_pages_need_a_session(nobody: Person) -> None:
    answer = nobody.get("/sign-out")
    assert nobody.get("/no-such-page").headers["Location"].startswith("/sign-in")
    assert answer.status_code in (302, 405)
    assert nobody.get("/healthz").status_code == 200


@pytest.mark.parametrize("user", ["admin", "viewer"])
def test_wrong_password_is_refused(nobody: Person, user: str) -> None:
    answer = nobody.sign_in(user, "not the password")
    assert answer.status_code == 401
    assert "password is wrong" in answer.text
    assert nobody.get("/no-such-page").status_code == 302


def test_attempts_are_limited(nobody: Person) -> None:
    answers = [nobody.sign_in("admin", "not the password").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert nobody.sign_in("admin").status_code == 429


def test_missing_token_is_refused_with_a_page(admin: Person) -> None:
    answer = admin.client.post("/sign-out")
    assert answer.status_code == 400
    assert "form is out of date" in answer.text


def test_oversized_form_is_refused_with_a_page(nobody: Person) -> None:
    answer = nobody.client.post("/sign-in", data={"password": "x" * 70_000})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_session_ends(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert admin.get("/no-such-page").status_code == 404
    later = time.time() + 8 * 3600 + 1
    monkeypatch.setattr("workloads.admin.sign_in.time.time", lambda: later)
    answer = admin.client.get("/no-such-page", follow_redirects=True)
    assert "session has ended" in answer.text


def test_cookie_of_another_key_is_nobody(admin: Person) -> None:
    admin.client.set_cookie("admin", "eyJ1c2VyIjoiYWRtaW4ifQ.aaaaaa.bbbbbb")
    assert admin.get("/no-such-page").status_code == 302


def test_sign_out_ends_the_session(admin: Person) -> None:
    assert admin.post("/sign-out", form="/no-such-page").status_code == 302
    assert admin.get("/no-such-page").status_code == 302


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_sign_in_leads_nowhere_else(nobody: Person, to: str) -> None:
    fields = {"user": "admin", "password": "a-password-for-admin"}
    answer = nobody.post(f"/sign-in?to={to}", fields)
    assert answer.headers["Location"] == "/"


def test_cookie_and_headers(nobody: Person) -> None:
    answer = nobody.sign_in("admin")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_cookie_is_secure_over_tls(app: Flask) -> None:
    browser = app.test_client()
    answer = browser.get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_viewer_sends_no_form(viewer: Person) -> None:
    answer = viewer.post("/no-such-page", form="/other")
    assert answer.status_code == 403
    assert "may not do this" in answer.text
