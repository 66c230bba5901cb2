"""The report of a score in a real browser: opened from a file, headless, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import score_makers as makers

from mien.scoring.result import ScoreResult

webdriver = pytest.importorskip("selenium.webdriver", reason="the browser tests need selenium (extra dev)")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

WIDE, SMALL = (1280, 820), (400, 800)
SCRIPTS = Path(__file__).parents[1] / "analysis" / "report"
NAMELESS, PALE = ((SCRIPTS / name).read_text("utf-8") for name in ("nameless.js", "pale.js"))
SHOWN = "return [...document.querySelectorAll('.samples ol > li')].filter((one) => one.checkVisibility()).length"


class Page:
    """A report in the browser, with the few verbs that tests need."""

    def __init__(self, driver: webdriver.Chrome, folder: Path) -> None:
        self.driver, self.folder = driver, folder

    def open(self, result: ScoreResult, *, size: tuple[int, int] = WIDE, theme: str = "light") -> None:
        path = self.folder / "score.html"
        result.report(path)
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get("about:blank")
        self.driver.get(path.as_uri())

    def run(self, script: str, *values: object) -> object:
        return self.driver.execute_script(script, *values)

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)


@pytest.fixture
def page(driver: webdriver.Chrome, tmp_path: Path) -> Iterator[Page]:
    opened = Page(driver, tmp_path)
    yield opened
    assert [entry["message"] for entry in driver.get_log("browser")] == []


@pytest.mark.parametrize("name", makers.STATES)
def test_every_result_opens_without_complaint_and_fits_a_phone(page: Page, name: str) -> None:
    page.open(makers.STATES[name](), size=SMALL)
    assert page.run("return document.documentElement.scrollWidth") == 400
    assert str(page.run("return document.querySelector('.headline').textContent")).strip()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "several", "bare"])
def test_controls_have_names_and_text_has_contrast(page: Page, name: str, theme: str) -> None:
    page.open(makers.STATES[name](), theme=theme)
    page.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.run(NAMELESS) == []
    assert page.run(PALE) == []


def test_numbers_in_cells_of_the_confusion_can_be_read(page: Page) -> None:
    script = """
      const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
      const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
      const parse = (text) => text.match(/[\\d.]+/g).map(Number);
      const ground = parse(getComputedStyle(document.querySelector('.heat .ground')).fill);
      return [...document.querySelectorAll('.cell')].map((cell) => {
        const [rect, text] = [cell.querySelector('rect'), cell.querySelector('text')];
        const share = Number(rect.getAttribute('fill-opacity')), hue = parse(getComputedStyle(rect).fill);
        const mixed = hue.slice(0, 3).map((v, at) => v * share + ground[at] * (1 - share));
        const pair = [light(mixed), light(parse(getComputedStyle(text).fill))].sort((a, b) => b - a);
        return (pair[0] + 0.05) / (pair[1] + 0.05);
      })"""
    for theme in ("light", "dark"):
        page.open(makers.one(), theme=theme)
        assert min(page.run(script)) >= 4.5


def test_a_click_on_a_cell_shows_its_samples_and_the_form_takes_them_back(page: Page) -> None:
    page.open(makers.one())
    assert page.run(SHOWN) == 25
    cell = page.find(".cell.miss")
    truth, read = cell.get_attribute("data-truth"), cell.get_attribute("data-read")
    count = int(str(page.run("return arguments[0].querySelector('text').textContent", cell)))
    webdriver.ActionChains(page.driver).click(cell).perform()
    assert page.run(SHOWN) == count
    assert page.run("return document.querySelector('[name=truth]').value") == truth
    assert page.run("return document.querySelector('[name=read]').value") == read
    assert str(page.run("return document.querySelector('output').textContent")).startswith(f"{count} of ")
    page.run("const s = document.querySelectorAll('select'); for (const one of s) { one.value = ''; }")
    page.find("[name=find]").send_keys("ALL_0001")
    assert page.run(SHOWN) <= 1


def test_the_keyboard_reaches_everything_and_more_shows_the_rest(page: Page) -> None:
    page.open(makers.one())
    reached = []
    for _ in range(12):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(
            page.run("const a = document.activeElement; return a.getAttribute('aria-label') || a.name || a.tagName")
        )
    assert {"Table of scores", "Confusion of all", "truth", "read", "find"} <= set(reached)
    page.find(".more").send_keys(Keys.ENTER)
    assert page.run(SHOWN) > 25
    assert page.run("return document.activeElement.tagName") == "LI"
    assert not page.find(".more").is_displayed()


def test_links_lead_to_the_data_sets(page: Page) -> None:
    page.open(makers.several())
    names = page.run("return [...document.querySelectorAll('nav a')].map((one) => one.textContent)")
    assert names == ["first", "valence", "many"]
    page.find("nav a:last-child").click()
    assert page.run("return document.querySelector(location.hash + ' h2').textContent").startswith("many")
    assert page.run("return document.querySelectorAll('.scatter circle').length") == 200


def test_text_of_a_result_never_acts(page: Page) -> None:
    page.open(makers.hostile())
    assert page.run("return document.querySelectorAll('script').length") == 1
    assert page.run("return document.querySelectorAll('blockquote')[0].children.length") == 0
