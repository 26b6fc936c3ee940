"""``report.html``: the night as one page that needs nothing but itself.

The page is written while it is made: a call's timeline and transcript exist only while its own part
of the page is being written, so a night of thousands needs no more memory than its worst call.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline import __version__
from pipeline.records import Failure, Judged, Outline
from pipeline.show import figures, timeline
from pipeline.show.brief import Brief
from pipeline.show.callview import CallView, Place, RowView
from pipeline.show.documents import document_paths
from pipeline.show.files import written_whole
from pipeline.show.language import Language
from pipeline.show.measures import measure
from pipeline.show.night import night_of
from pipeline.show.reasons import say, say_group
from pipeline.show.refusals import refusal
from pipeline.show.talk import overlap_text
from pipeline.show.text import NAMES, label, name_of

DETAIL_LIMIT = 300
"""Calls a page shows in full: below 10 MB of HTML, which a browser opens without waiting."""

ANCHOR_DIGITS = 10
"""Hex digits of a recording's id that name its place on the page: the same night after night."""

TEMPLATES = PackageLoader("pipeline.show")
STYLES = ("page.css", "call.css")

GOOD_SCORE = 90.0
FAIR_SCORE = 80.0
"""Colours only: full dimensions lost are what counts, and two of them are no longer a slip."""


InFull = Callable[[Sequence[int]], Iterable[Judged]]
"""The calls at some places of a night, in that order, one after the other."""


def write_report(
    path: Path,
    calls: Sequence[Brief],
    in_full: InFull,
    failures: Sequence[Failure],
    outline: Outline,
    language: Language,
    detail_limit: int = DETAIL_LIMIT,
) -> None:
    """The page of a night: at most ``detail_limit`` calls in full, the others as a table's rows.

    Those in full are asked for when the page comes to them.
    """
    environment = _environment(language)
    shown, rest = _split(calls, detail_limit)
    documents = document_paths([one.file for one in calls])
    places = [
        Place(anchor, str(documents[one.file]))
        for one, anchor in zip(calls, _anchors(calls), strict=True)
    ]
    night = night_of(calls, failures, outline)
    script = _source(environment, "page.js")
    page = environment.get_template("report.html.j2").stream(
        outline=outline,
        clauses={clause.id: clause for clause in outline.clauses},
        partly_manual=[clause.id for clause in outline.clauses if clause.also_manual],
        titles={clause.id: clause.title for clause in outline.clauses},
        dimensions={dimension.id: dimension for dimension in outline.dimensions},
        night=night,
        refused=[refusal(failure, language) for failure in night.failures],
        flags=sorted({flag for one in calls for flag in one.flags}),
        detailed=(
            CallView(calls[at], places[at], judged, language)
            for at, judged in zip(shown, in_full(shown), strict=True)
        ),
        detailed_count=len(shown),
        rest=(RowView(calls[at], places[at]) for at in rest),
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


def _anchors(calls: Sequence[Brief]) -> list[str]:
    """A name on the page for each call; the same sound under two names gets a number."""
    seen: Counter[str] = Counter()
    anchors = [""] * len(calls)
    for at in sorted(range(len(calls)), key=lambda at: calls[at].file):
        digits = calls[at].recording_id[:ANCHOR_DIGITS]
        seen[digits] += 1
        again = f"-{seen[digits]}" if seen[digits] > 1 else ""
        anchors[at] = f"call-{digits}{again}"
    return anchors


def _split(calls: Sequence[Brief], limit: int) -> tuple[list[int], list[int]]:
    """Places of calls to show in full and of the others, both lowest score first; critical ones go
    in before.
    """
    ordered = sorted(range(len(calls)), key=lambda at: calls[at].rank)
    chosen = set(sorted(ordered, key=lambda at: not calls[at].critical)[:limit])
    return [at for at in ordered if at in chosen], [at for at in ordered if at not in chosen]


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
