"""What a person does in a browser: a real one logs in wherever people do, and sees the pages."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import (
    text_to_be_present_in_element,
    visibility_of_element_located,
)
from selenium.webdriver.support.wait import WebDriverWait

from ops.local.errors import LocalRunError
from ops.rehearse.visit import DAG

_SECONDS = 180


def programs() -> tuple[str | None, str | None]:
    """Where the browser and its driver are: Debian's `chromium` and `chromium-driver`, or Chrome's."""
    return shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")


def log_in(pages: Mapping[str, tuple[str, str]]) -> None:
    """Opens each at the address that a person has, logs in as admin, and waits for the first page.

    Args:
        pages: Address and password of `Airflow`, `MLflow` and `the admin GUI`.

    Raises:
        LocalRunError: a page did not come; with the address that the browser was at.
    """
    with _chromium() as browser:
        for name, (url, password) in pages.items():
            try:
                _VISITS[name](browser, url, password)
            except WebDriverException as error:
                at = urlsplit(browser.current_url)
                seen = browser.find_element(By.TAG_NAME, "body").text[:300]
                said = (error.msg or "no page within the time").strip().splitlines()[0]
                raise LocalRunError(
                    f"{name}: the browser did not get in ({said}); it was at "
                    f"{at.scheme}://{at.hostname}:{at.port}{at.path} and saw {seen!r}"
                ) from None


@contextmanager
def _chromium() -> Iterator[Chrome]:
    options = ChromeOptions()
    chromium, driver = programs()
    options.binary_location = str(chromium)
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        for option in (
            "headless=new",
            "no-sandbox",  # root has none, and this opens pages of its own only
            "disable-dev-shm-usage",
            "disable-gpu",
            "no-proxy-server",
            "disable-background-networking",
            f"user-data-dir={profile}",
        ):
            options.add_argument(f"--{option}")
        options.ignore_local_proxy_environment_variables()
        browser = Chrome(options=options, service=Service(executable_path=driver))
        try:
            browser.set_page_load_timeout(_SECONDS)
            yield browser
        finally:
            browser.quit()


def _airflow(browser: Chrome, url: str, password: str) -> None:
    wait = WebDriverWait(browser, _SECONDS)
    browser.get(url)
    wait.until(visibility_of_element_located((By.NAME, "username"))).send_keys("admin")
    field = browser.find_element(By.NAME, "password")
    field.send_keys(password)
    field.submit()
    wait.until(lambda one: "/auth/" not in one.current_url)
    if urlsplit(browser.current_url).netloc != urlsplit(url).netloc:
        raise TimeoutException(f"after the login at {url}")
    browser.get(f"{url}/dags")
    wait.until(text_to_be_present_in_element((By.TAG_NAME, "body"), DAG))


def _mlflow(browser: Chrome, url: str, password: str) -> None:
    parts = urlsplit(url)
    browser.get(f"{parts.scheme}://admin:{password}@{parts.netloc}/#/experiments")
    WebDriverWait(browser, _SECONDS).until(
        text_to_be_present_in_element((By.TAG_NAME, "body"), "Experiments")
    )


def _admin(browser: Chrome, url: str, password: str) -> None:
    wait = WebDriverWait(browser, _SECONDS)
    browser.get(url)
    field = wait.until(visibility_of_element_located((By.NAME, "password")))
    field.send_keys(password)
    field.submit()
    wait.until(text_to_be_present_in_element((By.TAG_NAME, "body"), "Sign out"))


_VISITS: Mapping[str, Callable[[Chrome, str, str], None]] = {
    "Airflow": _airflow,
    "MLflow": _mlflow,
    "the admin GUI": _admin,
}
