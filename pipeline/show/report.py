"""``report.html``: the night as one page that needs nothing but itself.

The page is written while it is made: a call's timeline and transcript exist only while its own part
of the page is being written, so a night of thousands needs no more memory than its worst call.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline import __version__
from pipeline.records import Failure, Judged, Outline
from pipeline.show import figures, timeline
from pipeline.show.callview import CallView
from pipeline.show.documents import document_paths
from pipeline.show.files import written_whole
from pipeline.show.language import Language
from pipeline.show.measures import measure
from pipeline.show.night import night_of
from pipeline.show.reasons import say, say_group
from pipeline.show.talk import overlap_text
from pipeline.show.text import NAMES, label, name_of
from pipeline.show.verdicts import CRITICAL, by_score

DETAIL_LIMIT = 300
"""Calls a page shows in full: below 10 MB of HTML, which a browser opens without waiting."""

ANCHOR_DIGITS = 10
"""Hex digits of a recording's id that name its place on the page: the same night after night."""

TEMPLATES = PackageLoader("pipeline.show")
STYLES = ("page.css", "call.css")

GOOD_SCORE = 90.0
FAIR_SCORE = 80.0
"""Colours only: full dimensions lost are what counts, and two of them are no longer a slip."""


def write_report(
    path: Path,
    judged: Sequence[Judged],
    failures: Sequence[Failure],
    outline: Outline,
    language: Language,
    detail_limit: int = DETAIL_LIMIT,
) -> None:
    """The page of a night: at most ``detail_limit`` calls in full, the others as a table's rows."""
    environment = _environment(language)
    shown, rest = _split(judged, detail_limit)
    views = _Views(judged, language)
    script = _source(environment, "page.js")
    page = environment.get_template("report.html.j2").stream(
        outline=outline,
        clauses={clause.id: clause for clause in outline.clauses},
        partly_manual=[clause.id for clause in outline.clauses if clause.also_manual],
        titles={clause.id: clause.title for clause in outline.clauses},
        dimensions={dimension.id: dimension for dimension in outline.dimensions},
        night=night_of(judged, failures, outline),
        flags=sorted({flag for one in judged for flag in one.scorecard.flags}),
        detailed=views.of(shown),
        detailed_count=len(shown),
        rest=views.of(rest),
        rest_count=len(rest),
        style=Markup("\n".join(_source(environment, name) for name in STYLES)),
        script=Markup(script),
        script_sha256=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    page.enable_buffering(200)
    with written_whole(path) as file:
        file.writelines(page)


def tone(score: float | None) -> str:
    """How a score is coloured."""
    if score is None:
        return "none"
    if score >= GOOD_SCORE:
        return "good"
    return "fair" if score >= FAIR_SCORE else "poor"


class _Views:
    """Makes the views of calls, each with a place on the page and a document of its own."""

    def __init__(self, judged: Sequence[Judged], language: Language) -> None:
        self._documents = document_paths([one.scorecard.file for one in judged])
        self._anchors = _anchors(judged)
        self._language = language

    def of(self, judged: Sequence[Judged]) -> Iterator[CallView]:
        """Views one by one, as the page comes to them."""
        for one in judged:
            file = one.scorecard.file
            yield CallView(one, self._anchors[file], str(self._documents[file]), self._language)


def _anchors(judged: Sequence[Judged]) -> dict[str, str]:
    """A name on the page for each call, by file; the same sound under two names gets a number."""
    seen: Counter[str] = Counter()
    anchors: dict[str, str] = {}
    for one in sorted(judged, key=lambda one: one.scorecard.file):
        digits = one.scorecard.recording_id[:ANCHOR_DIGITS]
        seen[digits] += 1
        again = f"-{seen[digits]}" if seen[digits] > 1 else ""
        anchors[one.scorecard.file] = f"call-{digits}{again}"
    return anchors


def _split(judged: Sequence[Judged], limit: int) -> tuple[list[Judged], list[Judged]]:
    """Calls to show in full and the others, both lowest score first; critical ones go in before."""
    ordered = sorted(judged, key=by_score)
    ranked = sorted(ordered, key=lambda one: CRITICAL not in one.scorecard.flags)
    chosen = {one.scorecard.file for one in ranked[:limit]}
    shown = [one for one in ordered if one.scorecard.file in chosen]
    return shown, [one for one in ordered if one.scorecard.file not in chosen]


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=TEMPLATES,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "language": language,
        "version": __version__,
        "t": lambda key, **details: label(key, language, **details),
        "name": lambda names, code: name_of(NAMES[names], code, language),
        "say": partial(say, language=language),
        "say_group": partial(say_group, language=language),
        "measure": partial(measure, language=language),
        "tone": tone,
        "clock": figures.clock,
        "clock_short": figures.clock_short,
        "clock_span": figures.clock_span,
        "seconds": figures.seconds,
        "number": figures.number,
        "percent": figures.percent,
        "overlap_text": partial(overlap_text, language=language),
        "px": {
            "pin": timeline.PIN_PX,
            "lane": timeline.LANE_PX,
            "level": timeline.LEVEL_PX,
            "event": timeline.EVENT_PX,
        },
    }
    return environment


def _source(environment: Environment, name: str) -> str:
    """A style sheet or script beside the templates, as it is."""
    return TEMPLATES.get_source(environment, name)[0]
