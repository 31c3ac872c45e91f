"""`python -m tests.pages.shots FOLDER`: every page of the admin GUI, in light and dark, wide and narrow."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from ops.local.chromium import chromium
from tests.pages.browser import DESKTOP, PHONE, sign_in
from tests.pages.stage import Stage

PAGES = {
    "overview": "/",
    "predict": "/predict",
    "simulator": "/simulator",
    "predictions": "/predictions",
    "models": "/models",
    "promote": "/models/promote/3",
    "drift": "/drift",
    "drift-day": "/drift/2023-03-14",
    "data": "/data",
    "runs": "/runs",
    "dead-letters": "/dead-letters",
    "redrive": "/dead-letters/redrive",
}


def main(folder: Path) -> None:
    """Makes them, after some rides have come through."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, Stage(Path(place)) as stage, chromium() as browser:
        first = True
        for theme in ("light", "dark"):
            for size, device in (("desktop", DESKTOP), ("phone", PHONE)):
                context = browser.new_context(**device, color_scheme=theme)
                page = context.new_page()
                page.goto(stage.url)
                page.screenshot(path=folder / f"sign-in-{size}-{theme}.png", full_page=True)
                sign_in(page, stage.url)
                if first:
                    rides(page, stage.url)
                    first = False
                for name, path in PAGES.items():
                    page.goto(stage.url + path)
                    if name == "predict":
                        _choose(page)
                    if name == "drift-day":
                        page.frame_locator("iframe").get_by_text("Row count").first.wait_for()
                    page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)
                context.close()
    print(folder)


def rides(page: Page, url: str) -> None:
    """Sends some, and asks for one."""
    page.goto(f"{url}/simulator")
    page.get_by_label("Speed").select_option("20")
    page.get_by_label("Rides at most").fill("300")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("600 events sent").wait_for(timeout=60_000)
    page.goto(f"{url}/predict")
    _choose(page)
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text("Predicted by version").wait_for(timeout=30_000)
    page.screenshot(path=Path(sys.argv[1]) / "journey-desktop-light.png", full_page=True)


def _choose(page: Page) -> None:
    page.get_by_label("From").fill("East Harlem North, Manhattan (74)")
    page.get_by_label("To", exact=True).fill("JFK Airport, Queens (132)")
    page.get_by_label("Passengers").focus()
    page.get_by_text("Suggested: ").wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
