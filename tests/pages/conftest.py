"""The pages in a browser take Chromium and a minute: `make test-pages` runs them, `make test` does not."""

import os

from tests.pages.browser import browser, page, stage

__all__ = ["browser", "page", "stage"]
collect_ignore_glob = [] if os.environ.get("TEST_PAGES") else ["test_*.py"]
