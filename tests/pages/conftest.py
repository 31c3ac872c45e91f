"""The pages in a browser take Chromium and a minute: `make test-pages` runs them, `make test` does not."""

import os

collect_ignore_glob = [] if os.environ.get("TEST_PAGES") else ["test_*.py"]
pytest_plugins = ["tests.pages.browser"] if os.environ.get("TEST_PAGES") else []
