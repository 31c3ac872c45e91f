"""What a person does on the pages, in a browser, on a desktop and on a phone."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import DESKTOP, sign_in
from tests.pages.past import REPORTED
from tests.pages.shots import PAGES
from tests.pages.stage import Stage

SERIOUS = {"serious", "critical"}


def test_predict_a_ride(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/predict")
    page.get_by_label("From").fill("East Harlem North, Manhattan (74)")
    page.get_by_label("To", exact=True).fill("JFK Airport, Queens (132)")
    page.get_by_label("Passengers").focus()
    expect(page.get_by_text("Suggested: 16.8 miles")).to_be_visible()
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.get_by_text("Predicted by version")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+\.\d minutes$"))).to_be_visible()
    expect(page.get_by_text("Kinesis accepted the event")).to_be_visible()
    page.get_by_role("link", name="Why this version").click()
    expect(page.get_by_text("Training run")).to_be_visible()


def test_choose_zones_on_the_map(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/predict")
    for zone in ("Astoria, Queens (7)", "Newark Airport, EWR (1)"):
        page.locator(f'[data-zone="{zone}"]').click(force=True)
    expect(page.get_by_label("From")).to_have_value("Astoria, Queens (7)")
    expect(page.get_by_label("To", exact=True)).to_have_value("Newark Airport, EWR (1)")


def test_choose_zones_by_keyboard(page: Page, stage: Stage) -> None:
    """One stop of the tab key; arrows lead from dot to dot, and a person hears and sees each name."""
    page.goto(f"{stage.url}/predict")
    page.get_by_role("button", name="Newark Airport, EWR (1)").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("From")).to_have_value("Newark Airport, EWR (1)")
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name != "Newark Airport, EWR (1)"
    expect(page.locator("#pointed")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_label("To", exact=True)).to_have_value(name)
    assert page.locator("#map [tabindex='0']").count() == 1


def test_simulate_and_stop(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/simulator")
    page.get_by_label("Speed").select_option("20")
    page.get_by_label("Shift").select_option("distance-unit")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Sending 20 rides a second")).to_be_visible()
    expect(page.get_by_text(": running")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("stopped", exact=False).first).to_be_visible()
    expect(page.get_by_text(": running")).to_be_hidden()


def test_promote_and_roll_back(page: Page, stage: Stage) -> None:
    for version, button in (("3", "Promote version 3"), ("1", "Roll back")):
        page.goto(f"{stage.url}/models")
        if version == "3":
            page.get_by_role("link", name="Promote version 3").click()
        else:
            page.get_by_role("link", name="Roll back").click()
        page.get_by_label("Why?").fill(f"{version} is <b>better</b>")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(f"champion is version {version}")).to_be_visible()
        expect(page.get_by_text("told to serve version " + version)).to_be_visible()
        entry = page.get_by_role("cell", name=f"admin: {version} is <b>better</b>").first
        expect(entry).to_be_visible()


def test_redrive(page: Page, stage: Stage) -> None:
    stage.dead_letter()
    page.goto(f"{stage.url}/dead-letters")
    expect(page.get_by_text("RetryAttemptsExhausted").first).to_be_visible()
    page.get_by_role("link", name="Redrive").click()
    page.get_by_role("button", name="Redrive").click()
    expect(page.get_by_text(re.compile(r"[1-9] of [1-9] batches redriven"))).to_be_visible()


def test_read_a_drift_report(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/drift")
    page.get_by_role("link", name=str(REPORTED)).click()
    report = page.frame_locator("iframe")
    expect(report.get_by_text("Row count in dataset (current)").first).to_be_visible()


def test_pages_are_accessible(page: Page, stage: Stage) -> None:
    """axe-core finds nothing serious, in light and in dark, and no page is wider than the screen."""
    for path in PAGES.values():
        page.goto(stage.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found = Axe().run(page, options={"iframes": False}).response["violations"]
            serious = {each["id"]: each["nodes"][0]["html"] for each in found if each["impact"] in SERIOUS}
            assert serious == {}, (path, theme)


def test_fifty_open_pages_lose_no_event(page: Page, stage: Stage) -> None:
    """While rides come in, fifty pages ask for their live parts; every ride is predicted and counted."""
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}

    def look(_number: int) -> int:
        with httpx.Client(base_url=stage.url, cookies=cookies, timeout=60) as browser:
            return sum(browser.get("/live/overview").status_code == 200 for _ in range(4))

    prefix = uuid4().hex[:8]
    with ThreadPoolExecutor(50) as pages:
        looks = pages.map(look, range(50))
        stage.send([f"{prefix}-{number}" for number in range(300)])
        assert sum(looks) == 200
    page.goto(f"{stage.url}/predictions?ride={prefix}")
    expect(page.get_by_text("25 of 300 that pass the filter")).to_be_visible()


def test_theme_is_kept(page: Page, stage: Stage) -> None:
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Use the dark theme").click()
    page.goto(f"{stage.url}/data")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 21, 23)"


def test_viewer_sees_no_buttons(stage: Stage, browser: Browser) -> None:
    context = browser.new_context(**DESKTOP)
    page = context.new_page()
    sign_in(page, stage.url, "viewer")
    for path in ("/predict", "/simulator", "/models", "/dead-letters"):
        page.goto(stage.url + path)
        names = page.get_by_role("main").get_by_role("button").all_inner_texts()
        assert names == [], path
    context.close()
