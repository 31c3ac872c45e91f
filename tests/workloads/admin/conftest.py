"""The application as Flask's test client sees it."""

import pytest
from flask import Flask

from tests.workloads.admin.pages import ENVIRONMENT, Person
from workloads.admin.app import create_app
from workloads.admin.settings import Settings


@pytest.fixture
def app() -> Flask:
    app = create_app(Settings.of(ENVIRONMENT))
    app.testing = False  # errors become pages, as they do in front of people
    return app


@pytest.fixture
def nobody(app: Flask) -> Person:
    return Person(app.test_client())


@pytest.fixture
def admin(app: Flask) -> Person:
    person = Person(app.test_client())
    assert person.sign_in("admin").status_code == 302
    return person


@pytest.fixture
def viewer(app: Flask) -> Person:
    person = Person(app.test_client())
    assert person.sign_in("viewer").status_code == 302
    return person
