"""Whatever stands in a name, a table, a transcript, a standard or an error: on the page it is text."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rich.console import Console

from pipeline.records import (
    ClauseText,
    DimensionText,
    Evidence,
    Failure,
    Judged,
    Reason,
    SituationHeard,
    Span,
    Verdict,
)
from pipeline.show import write_reports
from pipeline.terminal import TerminalProgress

from .build import MEASURES, OUTLINE, judged, utterance
from .test_report import Page

PAYLOADS = [
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' onmouseover='alert(1)' x='",
    "</script><script>alert(1)</script>",
    "</title></style><svg onload=alert(1)>",
    "]]><!--",
    "-->",
    "{{ 7*7 }}{% for x in y %}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "&lt;script&gt;",
    "\u2028\u2029\u202e</p>",
    "＜script＞",
]


def night(said: str) -> tuple[list[Judged], list[Failure], object]:
    """A night of one call in which everything that is free text is this one."""
    outline = replace(
        OUTLINE,
        id=said,
        title=said,
        sha256=said * 10,
        dimensions=tuple(DimensionText(d.id, said, said, d.deduct) for d in OUTLINE.dimensions),
        clauses=tuple(
            ClauseText(c.id, said, said, c.dimension, c.how, c.critical, said)
            for c in OUTLINE.clauses
        ),
    )
    quoted = Evidence(Span(1_000, 1_400), "agent", said, 8.5, 6.0, "dB")
    verdicts = [
        Verdict("4.1.2.2", "pass", Reason.of("phrase_said", phrase=said), (quoted,), 0.9),
        Verdict(
            "4.1.7.1", "fail", Reason.of("phrase_missing", phrase=said, window=said), (quoted,)
        ),
        Verdict("4.1.8.2", "unjudged", Reason.of("manual", what=said), ()),
        Verdict("4.2.5.1", "not_applicable", Reason.of("manual", what=said), ()),
    ]
    one = judged(
        f"{said}.wav",
        verdicts=verdicts,
        talk=[utterance("agent", 1_000, said), utterance("customer", 1_200, said, 0.2)],
        flags=(said,),
        agent_id=said,
        tags=((said, said),),
        measures=MEASURES,
    )
    call = replace(one.call, warnings=(said,))
    card = replace(one.scorecard, situations=(SituationHeard(said, said, True, ()),))
    return (
        [replace(one, call=call, scorecard=card)],
        [Failure(said, said, said, said)],
        outline,
    )


def page(said: str) -> Page:
    calls, failures, outline = night(said)
    with TemporaryDirectory() as folder:
        written = write_reports(calls, failures, outline, Path(folder))  # type: ignore[arg-type]
        return Page(written.report.read_text(encoding="utf-8"))


def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attrs)) for tag, attrs in page.tags]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_becomes_a_tag_or_an_attribute(payload: str) -> None:
    hostile, plain = page(payload), page("x" * len(payload))
    assert shape(hostile) == shape(plain)
    assert not [name for _, attrs in hostile.tags for name in attrs if name.startswith("on")]
    links = [one for name in ("href", "src", "action") for one in hostile.values(name)]
    assert [one for one in links if not one.startswith(("#", "calls/", "data:,"))] == []


def test_a_name_in_brackets_does_not_stop_the_progress_bar() -> None:
    said = StringIO()
    progress = TerminalProgress(Console(file=said, force_terminal=True, width=200))
    progress.begin(1, 10)
    progress.waits("callqa score on [/blue]\x1b[2Jqa1")
    progress.done("[/red]\x1b[2J[link=file:///etc]a.wav", 10)
    progress.end()
    assert "[/red]" in said.getvalue()
    assert "Waiting for callqa score on [/blue]" in said.getvalue()
    assert "\x1b[2Jqa1" not in said.getvalue()
    assert "\x1b[2J[link" not in said.getvalue()
