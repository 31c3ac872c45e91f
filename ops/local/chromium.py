"""A real browser without a window: Debian's Chromium, or Chrome, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from ops.local.errors import LocalRunError

# Root has no sandbox, and this opens pages of its own only.
_OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server")


def program() -> str | None:
    """Where the browser is; None where none is installed."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, as long as the block runs.

    Raises:
        LocalRunError: none is installed.
    """
    found = program()
    if not found:
        raise LocalRunError("chromium: not installed; on Debian run `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
