"""What a person does in a browser: a real one logs in wherever people do, and sees the pages."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page

from ops.local.chromium import chromium
from ops.local.errors import LocalRunError
from ops.rehearse.visit import DAG

_SECONDS = 180


def log_in(pages: Mapping[str, tuple[str, str]]) -> None:
    """Opens each at the address that a person has, logs in as admin, and sees what is on the first pages.

    Args:
        pages: Address and password of `Airflow`, `MLflow` and `the admin GUI`, which shows Airflow's runs.

    Raises:
        LocalRunError: a page did not come; with the address that the browser was at.
    """
    with chromium() as browser:
        for name, (url, password) in pages.items():
            page = _page(browser, password)
            try:
                _VISITS[name](page, url, password)
            except Error as error:
                at = urlsplit(page.url)
                raise LocalRunError(
                    f"{name}: the browser did not get in ({error.message.splitlines()[0]}); it was at "
                    f"{at.scheme}://{at.hostname}:{at.port}{at.path} and saw "
                    f"{page.locator('body').inner_text()[:300]!r}"
                ) from None
            page.context.close()


def _page(browser: Browser, password: str) -> Page:
    context = browser.new_context(http_credentials={"username": "admin", "password": password})
    context.set_default_timeout(_SECONDS * 1000)
    return context.new_page()


def _airflow(page: Page, url: str, password: str) -> None:
    page.goto(url)
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda at: "/auth/" not in at)
    if urlsplit(page.url).netloc != urlsplit(url).netloc:
        raise Error(f"after the login at {url}")
    page.goto(f"{url}/dags")
    page.get_by_text(DAG).first.wait_for()


def _mlflow(page: Page, url: str, _password: str) -> None:
    page.goto(f"{url}/#/experiments")
    page.get_by_text("Experiments").first.wait_for()


def _admin(page: Page, url: str, password: str) -> None:
    """Signs in, and finds the run of the DAG among Airflow's, with a link to its page there."""
    page.goto(url)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    page.goto(f"{url}/runs")
    run = page.get_by_role("row").filter(has_text=DAG).filter(has_text="success").first
    link = run.get_by_role("link", name=re.compile("Open in Airflow"))
    link.wait_for()
    if f"/dags/{DAG}/runs/" not in (link.get_attribute("href") or ""):
        raise Error(f"the run's link leads to {link.get_attribute('href')}")


_VISITS: Mapping[str, Callable[[Page, str, str], None]] = {
    "Airflow": _airflow,
    "MLflow": _mlflow,
    "the admin GUI": _admin,
}
