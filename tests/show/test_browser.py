"""The report in a real Chromium, at desktop and telephone width.

Run by ``make browser``, and by ``make test WITH_BROWSER=1``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import load_standard
from pipeline.records import Answer, Failure, Judged, Loudness
from pipeline.settings import default_standard
from pipeline.show import write_reports

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

COLD = [
    {"agent": "喂。"},
    {"customer": "樓道的燈壞了三天了，你們什麼時候來修？"},
    {"silence": "12s"},
    {"agent": "這不歸我管，你自己看著辦。"},
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    standard = load_standard(default_standard())
    heard = call_of(dialogue(COLD))
    levels = (-26, -60) * (heard.duration_ms // 1000)
    call = replace(heard, loudness=Loudness(500, (levels, levels[::-1])))
    questions = judge(call, standard).questions
    judgement = judge(call, standard, [Answer(q, -20.0) for q in questions])
    judged = Judged(call, judgement.scorecard, judgement.measures)
    failure = Failure("bad.wav", "an empty file (0 bytes)", "a sound file", "Export it again.")
    out = tmp_path_factory.mktemp("report")
    return write_reports([judged], [failure], standard.outline, out).report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Browser, report: Path, width: int) -> tuple[Page, list[str]]:
    """The report open at a width, and everything the page complained of or asked for."""
    page, heard = browser.new_page(viewport={"width": width, "height": 844}), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(report.as_uri())
    heard.remove(report.as_uri())
    return page, heard


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, report: Path, width: int
) -> None:
    page, heard = opened(browser, report, width)
    page.evaluate("for (const call of document.querySelectorAll('details')) call.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert heard == []
    page.close()


def test_a_call_opens_to_its_timeline_verdicts_and_marked_words(
    browser: Browser, report: Path
) -> None:
    page, _ = opened(browser, report, 1440)
    page.get_by_text("dialogue.wav").first.click()
    assert page.locator("details[open] svg").first.is_visible()
    shown = page.inner_text("details[open]")
    for words in ("4.1.8.4", "不符合", "不歸我管", "4.1.5", "−10"):
        assert words in shown
    assert page.locator("details[open] mark").count() > 0
    page.close()


def test_the_loudness_of_each_channel_fills_its_row_of_the_timeline(
    browser: Browser, report: Path
) -> None:
    page, _ = opened(browser, report, 1440)
    page.get_by_text("dialogue.wav").first.click()
    curves = page.locator("details[open] .level")
    assert curves.count() == 2
    row, picture = curves.first.bounding_box(), page.locator(".timeline").first.bounding_box()
    assert row is not None
    assert picture is not None
    assert 0.9 * picture["width"] < row["width"] <= picture["width"]
    assert "最長靜默" in page.inner_text("details[open] .measures")
    page.close()


def test_the_page_reads_without_its_script(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert "dialogue.wav" in page.inner_text("body")
    assert "bad.wav" in page.inner_text("body")
    context.close()
