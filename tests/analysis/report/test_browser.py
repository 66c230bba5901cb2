"""The report in a real browser: opened from a file and clicked through, headless, without a network."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import makers
import pytest

from mien.analysis.report.html import beside, to_html
from mien.analysis.result import Analysis, Facts

webdriver = pytest.importorskip("selenium.webdriver", reason="the browser tests need selenium (extra dev)")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

WIDE, SMALL = (1280, 820), (400, 800)

NAMELESS = (Path(__file__).parent / "nameless.js").read_text("utf-8")

PALE = (Path(__file__).parent / "pale.js").read_text("utf-8")


class Page:
    """A report in the browser, with the few verbs that tests need."""

    def __init__(self, driver: webdriver.Chrome, folder: Path) -> None:
        self.driver, self.folder = driver, folder

    def open(self, analysis: Analysis, *, size: tuple[int, int] = WIDE, theme: str = "light", hash: str = "") -> None:
        path = self.folder / "report.html"
        path.write_text(to_html(analysis, media=beside(analysis, path)), "utf-8")
        self.look(size, theme)
        self.driver.get("about:blank")
        self.driver.get(path.as_uri() + hash)
        self.wait("return document.documentElement.dataset.ready")

    def look(self, size: tuple[int, int] = WIDE, theme: str = "light", motion: str = "no-preference") -> None:
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, script: str, *values: object) -> object:
        return self.driver.execute_script(script, *values)

    def wait(self, script: str) -> object:
        return WebDriverWait(self.driver, 10, 0.05).until(lambda driver: driver.execute_script(script))

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def press(self, *keys: str, on: str = "body") -> None:
        self.find(on).send_keys(*keys)

    def time(self) -> float:
        return float(str(self.find("#rows").get_attribute("aria-valuenow")))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture
def page(driver: webdriver.Chrome, tmp_path: Path) -> Iterator[Page]:
    opened = Page(driver, tmp_path)
    yield opened
    assert opened.complaints() == []


@pytest.mark.parametrize("name", makers.STATES)
def test_every_state_opens_without_complaint_and_fits_a_phone(page: Page, name: str) -> None:
    page.open(makers.STATES[name](), size=SMALL)
    assert page.run("return document.documentElement.scrollWidth") == 400
    assert page.text("h1").strip() and page.text(".headline").strip()
    assert page.run("return document.title").endswith("Mien")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["interview", "wearable", "photo", "truncated", "poem", "hostile"])
def test_controls_have_names_and_text_has_contrast(page: Page, name: str, theme: str) -> None:
    page.open(makers.STATES[name](), theme=theme)
    page.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.run(NAMELESS) == []
    assert page.run(PALE) == []


def test_keys_move_zoom_jump_and_explain(page: Page) -> None:
    page.open(makers.interview(), hash="#t=100&p=P1")
    assert page.time() == 100
    page.press(Keys.ARROW_RIGHT)
    assert page.time() == 105
    page.press(Keys.SHIFT, Keys.ARROW_LEFT)
    assert page.time() == 104.5
    page.press("j")
    later = page.time()
    assert later > 104.5
    page.press("k")
    assert page.time() < later
    page.press("+")
    assert "z=" in str(page.wait("return location.hash.includes('z=') && location.hash"))
    page.press("0")
    page.wait("return !location.hash.includes('z=')")
    page.press("?")
    assert page.run("return document.getElementById('help').open")
    page.press(Keys.ESCAPE, on="#help")
    page.press("t")
    assert page.run("return document.activeElement.id") == "search"


def test_a_click_on_the_timeline_selects_person_and_moment(page: Page) -> None:
    page.open(makers.interview(), hash="#t=10&p=P1")
    canvas = page.find('.row[data-person="1"] canvas')
    page.run("arguments[0].scrollIntoView({block: 'center'})", canvas)
    webdriver.ActionChains(page.driver).move_to_element(canvas).click().perform()
    assert page.time() == pytest.approx(186, abs=3)
    assert "P2" in page.text("#card h2")
    assert page.find('.row[data-person="1"]').get_attribute("aria-current") == "true"
    assert page.find('.chip[data-pick="1"]').get_attribute("aria-pressed") == "true"
    said = page.find("#rows").get_attribute("aria-valuetext")
    assert said is not None and said.startswith("03:0") and "P2" in said


def test_hovering_previews_a_moment_and_leaving_returns(page: Page) -> None:
    page.open(makers.interview(), hash="#t=10&p=P1")
    before = page.text("#card header span:last-of-type")
    canvas = page.find('.row[data-person="0"] canvas')
    webdriver.ActionChains(page.driver).move_to_element(canvas).perform()
    assert page.text("#card header") != before and page.time() == 10
    webdriver.ActionChains(page.driver).move_to_element(page.find("h1")).perform()
    assert "00:10" in page.text("#card header")


def test_the_transcript_seeks_and_search_filters(page: Page) -> None:
    page.open(makers.interview(), hash="#t=0&p=P1")
    page.run("document.querySelectorAll('.line')[5].click()")
    assert page.time() == pytest.approx(20.31, abs=0.01)
    assert page.run("return document.querySelectorAll('.line')[5].getAttribute('aria-current')") == "true"
    page.press("t")
    page.press("CANCELLED", on="#search")
    shown = page.run("return [...document.querySelectorAll('#lines li:not([hidden])')].map((item) => item.textContent)")
    assert shown and all("cancelled" in str(one) for one in shown)
    assert page.text("#hits").endswith("of 93") and page.text("mark") == "cancelled"
    page.press(Keys.ESCAPE, on="#search")
    assert page.text("#hits") == "" and not page.run("return document.querySelector('mark')")


def test_the_line_being_said_is_in_sight(page: Page) -> None:
    page.open(makers.two_hours(), hash="#t=3601&p=P1")
    page.wait(
        "const line = document.querySelector('.line[aria-current]').getBoundingClientRect();"
        "const list = document.getElementById('lines').getBoundingClientRect();"
        "return line.top >= list.top && line.bottom <= list.bottom"
    )


def test_a_marked_moment_and_its_address(page: Page) -> None:
    page.open(makers.interview())
    page.run("[...document.querySelectorAll('.moments .jump')].find((one) => one.querySelector('.conflict')).click()")
    assert "Disagreement" in page.text("#card") and page.text("#card h2").startswith("P1")
    assert "; the answer follows face" in page.text("#card .clash")
    address = str(page.wait("return location.hash.includes('p=P1') && location.hash"))
    page.open(makers.interview(), hash=address)
    assert "Disagreement" in page.text("#card")


def test_the_card_shows_the_fused_answer_beside_every_sense(page: Page) -> None:
    page.open(makers.interview(), hash="#t=137&p=P1")
    heads = page.run("return [...document.querySelectorAll('#card thead th')].map((one) => one.textContent)")
    assert heads == ["emotion", "together", "voice", "face"] or heads == [
        "emotion",
        "together",
        "voice",
        "face",
        "words",
    ]
    card = page.text("#card")
    assert "weight" in card and "quality" in card and "semitones" in card and "times in 10" in card


def test_the_timeline_is_a_table_too_and_follows_the_zoom(page: Page) -> None:
    page.open(makers.interview(), hash="#t=20&p=P1&z=10.0-30.0")
    page.run("document.getElementById('table-fold').open = true")
    page.wait("return document.querySelectorAll('#table tbody tr').length")
    rows = page.run("return [...document.querySelectorAll('#table tbody tr')].map((one) => one.cells[0].textContent)")
    assert 15 <= len(rows) <= 25 and rows[0] >= "00:08"


def test_zoom_buttons_and_wheel(page: Page) -> None:
    page.open(makers.two_hours(), hash="#t=3600&p=P1")
    for _ in range(4):
        page.find("#zoom-in").click()
    # The address follows the clicks with a little delay: wait for the fourth.
    zoomed = "const z = /z=([\\d.]+)-([\\d.]+)/.exec(location.hash);"
    hash_ = str(page.wait(zoomed + "return z && Math.abs(z[2] - z[1] - 450) < 1 && location.hash"))
    first, last = map(float, hash_.split("z=")[1].split("-"))
    assert first < 3600 < last
    page.run(
        "const box = document.querySelector('.row canvas').getBoundingClientRect();"
        "document.getElementById('rows').dispatchEvent(new WheelEvent('wheel', {deltaY: 100, ctrlKey: true,"
        "clientX: box.left + 10, clientY: box.top + 10, bubbles: true, cancelable: true}))"
    )
    page.wait(f"return location.hash !== {hash_!r}")
    page.find("#zoom-all").click()
    page.wait("return !location.hash.includes('z=')")


def test_dragging_moves_the_window_and_two_fingers_zoom(page: Page) -> None:
    page.open(makers.interview(), hash="#t=100&p=P1&z=100.0-150.0")
    canvas = page.find('.row[data-person="0"] canvas')
    page.run("arguments[0].scrollIntoView({block: 'center'})", canvas)
    webdriver.ActionChains(page.driver).drag_and_drop_by_offset(canvas, -150, 0).perform()
    hash_ = str(page.wait("return !location.hash.includes('z=100.0') && location.hash"))
    first, last = map(float, hash_.split("z=")[1].split("-"))
    assert 105 < first < 115 and last - first == pytest.approx(50, abs=0.2) and page.time() == 100
    box = page.run("const b = arguments[0].getBoundingClientRect(); return [b.left + b.width / 2, b.top + 40]", canvas)
    for kind, reach in (("touchStart", 40), ("touchMove", 80), ("touchMove", 160), ("touchEnd", None)):
        points = (
            [] if reach is None else [{"x": box[0] + side * reach, "y": box[1], "id": side + 1} for side in (-1, 1)]
        )
        page.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    closer = str(page.wait(f"return location.hash !== {hash_!r} && location.hash"))
    first, last = map(float, closer.split("z=")[1].split("-"))
    assert last - first < 25


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_the_player_stays_in_sight(page: Page, size: tuple[int, int]) -> None:
    page.open(makers.interview(), size=size)
    page.run("document.querySelector('.moments').scrollIntoView({block: 'end'})")
    assert float(str(page.run("return scrollY"))) > 100
    assert -6 <= float(str(page.run("return document.querySelector('.stage').getBoundingClientRect().top"))) <= 6


def test_a_theme_that_changes_is_followed_by_the_drawings(page: Page) -> None:
    page.open(makers.interview(), theme="light")
    picture = "return document.getElementById('axis').toDataURL()"
    light = page.run(picture)
    page.look(WIDE, "dark")
    page.wait("return getComputedStyle(document.body).backgroundColor === 'rgb(18, 18, 18)'")
    page.wait(f"{picture} !== {light!r}")


def test_on_a_phone_one_person_is_shown_and_the_rest_is_folded(page: Page) -> None:
    page.open(makers.interview(), size=SMALL)
    visible = "return [...document.querySelectorAll('.row')].filter((row) => row.checkVisibility()).length"
    assert page.run(visible) == 1
    assert page.run("return [...document.querySelectorAll('.fold[open]')].length") == 0
    order = [
        page.run(f"return document.querySelector('{one}').getBoundingClientRect().top")
        for one in (".stage", ".headline", ".time", ".card", ".moments")
    ]
    assert order == sorted(order)
    page.find('.chip[data-pick="1"]').click()
    assert page.run(visible) == 1 and "P2" in page.text("#card h2")


def test_sound_beside_the_page_plays_and_space_stops_it(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "episode one.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 30))
    whole = makers.insufficient()
    facts = Facts(str(path), "audio", "seconds", 30.0, "00" * 32, whole.recording.streams)
    page.open(Analysis(facts, whole.space, whole.persons, whole.affects, pictures=whole.pictures), hash="#t=3")
    page.wait("return document.getElementById('media').readyState >= 2")
    page.press(" ")
    page.wait("return +document.getElementById('rows').getAttribute('aria-valuenow') > 3.3")
    page.press(" ")
    assert page.run("return document.getElementById('media').paused")


def test_a_recording_that_went_away_is_explained(page: Page) -> None:
    analysis = makers.interview()
    path = page.folder / "gone.html"
    path.write_text(to_html(analysis, media="./gone.mp4"), "utf-8")
    page.driver.get(path.as_uri())
    page.wait("return !document.getElementById('absent').hidden")
    assert "not beside this page" in page.text("#absent")
    assert page.find("#play").get_attribute("disabled")
    page.complaints()  # the browser says, too, that the file is missing


def test_a_page_with_hidden_faces_shows_outlines_and_no_picture(page: Page) -> None:
    page.open(makers.interview(hidden=True))
    assert page.run("return document.querySelectorAll('img, video').length") == 0
    drawn = "return document.getElementById('overlay').toDataURL()"
    outlined = page.run(drawn)
    page.find("#boxes").click()
    assert page.run(drawn) != outlined
    assert "outlines only" in page.text("#absent")


def test_two_hours_draw_quickly_enough_to_drag(page: Page) -> None:
    """Not a time but a count: what is drawn stays bounded however many spans there are."""
    page.open(makers.two_hours())
    count = """
      let calls = 0;
      const real = CanvasRenderingContext2D.prototype.fillRect;
      CanvasRenderingContext2D.prototype.fillRect = function (...box) { calls += 1; return real.apply(this, box); };
      document.getElementById('zoom-all').click();
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
        CanvasRenderingContext2D.prototype.fillRect = real; done(calls);
      })));
    """
    assert 100 < int(str(page.run(count))) < 25_000


def test_printing_opens_everything_and_puts_it_back(page: Page) -> None:
    page.open(makers.interview(), size=SMALL)
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run("return document.querySelectorAll('details.fold:not(.as-table):not([open])').length") == 0
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("return document.querySelectorAll('details.fold[open]').length") == 0
