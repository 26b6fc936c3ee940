"""One call as the page's templates ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pipeline.records import CallRecord, Evidence, Judged, Scorecard, Verdict
from pipeline.show.brief import Brief
from pipeline.show.language import Language
from pipeline.show.notes import note
from pipeline.show.talk import PartyRow, offences, overlap_text, party_rows, whole_rows
from pipeline.show.text import NAMES, label, name_of
from pipeline.show.timeline import Timeline, timeline_of
from pipeline.show.transcript import Break, Line, line_at, transcript_of
from pipeline.show.verdicts import checklist, of_status, open_questions


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is found: its name on the page, and its document beside the page."""

    anchor: str
    document: str

    @property
    def url(self) -> str:
        """The document as a link; bytes that are no UTF-8 survive."""
        return quote(self.document, errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class RowView:
    """One call as a row of a table."""

    brief: Brief
    place: Place


@dataclass(frozen=True, slots=True)
class CallView:
    """One call as its part of the page asks for it; nothing is worked out before it is asked."""

    brief: Brief
    place: Place
    judged: Judged
    language: Language

    @property
    def anchor(self) -> str:
        return self.place.anchor

    @property
    def card(self) -> Scorecard:
        return self.judged.scorecard

    @property
    def record(self) -> CallRecord:
        return self.judged.call.recording.record

    @property
    def file(self) -> str:
        return self.card.file

    @property
    def open(self) -> tuple[Verdict, ...]:
        return open_questions(self.card)

    @property
    def ruled(self) -> tuple[Verdict, ...]:
        """What a listener could rule on, the most urgent first."""
        return of_status(self.card, "fail") + self.open + of_status(self.card, "pass")

    @property
    def checklist(self) -> tuple[Verdict, ...]:
        return checklist(self.card)

    @property
    def idle(self) -> tuple[Verdict, ...]:
        return of_status(self.card, "not_applicable")

    @property
    def timeline(self) -> Timeline:
        return timeline_of(self.judged)

    @property
    def transcript(self) -> tuple[Line | Break, ...]:
        return transcript_of(self.judged)

    @property
    def whole_measures(self) -> tuple[tuple[str, str], ...]:
        """Name and value of what was measured of the call; nothing where nothing was."""
        measures = self.judged.measures
        return () if measures is None else whole_rows(measures, self.language)

    @property
    def party_measures(self) -> tuple[PartyRow, ...]:
        measures = self.judged.measures
        return () if measures is None else party_rows(measures, self.language)

    @property
    def offences(self) -> tuple[str, ...]:
        """Who came in on whom, a line each."""
        found = () if self.judged.measures is None else offences(self.judged.measures)
        return tuple(overlap_text(one, self.language) for one in found)

    @property
    def meta(self) -> tuple[tuple[str, str], ...]:
        """Label and value of what else is known about the call."""
        call, record = self.judged.call, self.record
        known: list[tuple[str, str | None]] = [
            ("kind", self._name("kinds", self.card.kind)),
            ("situations", self._situations),
            ("line", self._name("lines", record.line)),
            ("direction", self._name("directions", record.direction)),
            ("channels", str(call.channels)),
            ("engine", f"{call.provenance.engine} {call.provenance.model}"),
            ("warnings", "; ".join(note(one, self.language) for one in call.warnings) or None),
        ]
        own = tuple((label(key, self.language), value) for key, value in known if value)
        return own + tuple((name, value) for name, value in record.tags if value)

    @property
    def _situations(self) -> str | None:
        """What the call is about; a question mark where that is not clear."""
        found = [f"{one.title}{'' if one.sure else '？'}" for one in self.card.situations]
        return "、".join(found) or None

    def line_at(self, evidence: Evidence) -> int | None:
        """The utterance to jump to for a piece of evidence."""
        return line_at(self.judged.call, evidence.span) if evidence.span else None

    def _name(self, names: str, code: str | None) -> str | None:
        return None if code is None else name_of(NAMES[names], code, self.language)
