"""The page: self-contained, well-formed, escaped, bounded."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Evidence, Failure, Judged, Loudness, Reason, Span, Verdict
from pipeline.show import Written, write_reports
from pipeline.show.brief import brief_of
from pipeline.show.language import LANGUAGES, Language
from pipeline.show.report import write_report

from .build import MEASURES, NO_FAREWELL, OUTLINE, UNTOLD, judged, utterance

VOID = {"meta", "link", "input", "br", "img"}
FAILURE = Failure("壞.wav", "no sound in it", "a sound file", "Export it again.")


class Page(HTMLParser):
    """The page as a browser would nest it; closing tags that do not fit are an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]


def page_of(*calls: Judged, language: Language = "zh-Hant", limit: int = 300) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        briefs = [brief_of(one) for one in calls]
        write_report(
            path,
            briefs,
            lambda places: [calls[at] for at in places],
            [FAILURE],
            OUTLINE,
            language,
            limit,
        )
        return path.read_text(encoding="utf-8")


def test_all_four_results_are_written(tmp_path: Path) -> None:
    written = write_reports([judged()], [FAILURE], OUTLINE, tmp_path / "out")
    assert written == Written(
        scores=tmp_path / "out/scores.csv",
        verdicts=tmp_path / "out/verdicts.csv",
        calls=tmp_path / "out/calls",
        report=tmp_path / "out/report.html",
    )
    found = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert found == {"scores.csv", "verdicts.csv", "calls/0001.json", "report.html"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_its_links_lead_somewhere(language: Language) -> None:
    measured = judged(measures=MEASURES, loudness=Loudness(500, ((-26,) * 18, (-60,) * 18)))
    page = Page(page_of(measured, judged("0002.wav", 100.0, measures=UNTOLD), language=language))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    inside = {link.removeprefix("#") for link in page.values("href") if link.startswith("#")}
    assert inside <= set(ids)


def test_the_page_asks_no_network_for_anything() -> None:
    html = page_of(judged())
    page = Page(html)
    assert not re.search(r"https?:|//\w+\.|@import|url\((?!#)", html)
    assert page.values("src") == []
    outside = {link for link in page.values("href") if not link.startswith("#")}
    assert outside == {"data:,", "calls/0001.json"}


def test_only_the_page_s_own_script_may_run() -> None:
    html = page_of(judged())
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


HOSTILE = st.text(st.sampled_from("<>&\"'/ {}%#a=\n") | st.characters(codec="utf-8"), min_size=1)


@settings(max_examples=25, deadline=None)
@given(words=HOSTILE, name=HOSTILE, flag=HOSTILE)
def test_nothing_said_or_named_becomes_markup(words: str, name: str, flag: str) -> None:
    plain, hostile = (
        judged(
            f"{file}.wav",
            verdicts=[_quoting(said)],
            talk=[utterance("agent", 1_000, said)],
            flags=(mark,),
            agent_id=file,
            tags=((file, said),),
        )
        for file, said, mark in (("a", "a" * len(words), "b"), (f"x{name}", words, flag))
    )
    expected = [tag for tag, _ in Page(page_of(plain)).tags]
    assert [tag for tag, _ in Page(page_of(hostile)).tags] == expected


def _quoting(said: str) -> Verdict:
    evidence = Evidence(Span(1_000, 1_000 + 200 * len(said)), "agent", said)
    return Verdict("4.1.7.1", "fail", Reason.of("phrase_said", phrase=said), (evidence,))


def test_a_script_in_a_transcript_is_text() -> None:
    said = '<script>alert("1")</script>'
    html = page_of(judged(verdicts=[NO_FAREWELL], talk=[utterance("customer", 1_000, said)]))
    assert html.count("<script>") == 1
    assert said in "".join(Page(html).text)


def test_calls_beyond_the_limit_are_rows_that_name_their_document() -> None:
    calls = [judged(f"{n}.wav", 60.0 + n, flags=()) for n in range(4)]
    critical = judged("9.wav", 100.0)
    page = Page(page_of(*calls, critical, limit=2))
    shown = [
        attrs["data-text"] for tag, attrs in page.tags if tag == "details" and "data-text" in attrs
    ]
    rows = [attrs["data-text"] for tag, attrs in page.tags if tag == "tr" and "data-text" in attrs]
    assert shown == ["0.wav a07", "9.wav a07"]
    assert rows == ["1.wav a07", "2.wav a07", "3.wav a07"]
    assert "calls/3.json" in page.values("href")
    assert "其餘 3 通" in "".join(page.text)


def test_the_sum_can_be_worked_out_from_the_page() -> None:
    text = " ".join("".join(Page(page_of(judged(), language="en")).text).split())
    assert "100 −10 5.1 規範性 4.1.7.1 −10 5.3 靈活性 4.1.8.2 = 80" in text


def test_the_measures_stand_in_a_table() -> None:
    text = " ".join("".join(Page(page_of(judged(measures=MEASURES))).text).split())
    for words in ("發言比例78% (0:01)22% (0:00)", "打斷對方10", "客服人員→客戶", "最長靜默0.4 秒"):
        assert words in text
    untold = "".join(Page(page_of(judged(measures=UNTOLD))).text)
    assert "未分辨說話人，不分別計算。" in untold
    assert "發言比例" not in untold


def test_a_call_without_measures_has_no_table_of_them() -> None:
    assert "通話量測" not in "".join(Page(page_of(judged())).text)


def test_the_same_night_makes_the_same_page() -> None:
    assert page_of(judged(), judged("2.wav")) == page_of(judged("2.wav"), judged())


def test_the_same_sound_under_two_names_has_two_places() -> None:
    ids = Page(page_of(judged("ab.wav"), judged("ba.wav"))).values("id")
    assert len(ids) == len(set(ids))


def test_a_night_of_nothing_is_a_page() -> None:
    text = "".join(Page(page_of()).text)
    assert "沒有通話。" in text
    assert "no sound in it（應為：聲音檔）" in text


def test_a_name_that_is_not_unicode_keeps_its_link() -> None:
    assert "calls/%E4.json" in Page(page_of(judged("\udce4.wav"))).values("href")


def test_how_a_clause_is_judged_is_named_family_by_family() -> None:
    assert "用語；語調" in Page(page_of(judged())).text
