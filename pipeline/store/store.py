"""The store's one class: keep and find calls, answers and scorecards."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from types import TracebackType

from msgspec import DecodeError
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from pipeline import __version__
from pipeline.errors import StoreError
from pipeline.records import (
    Answer,
    Call,
    Outline,
    Provenance,
    Recording,
    Scorecard,
    UsualVoice,
    from_json,
    to_json,
)
from pipeline.store.bearers import Bearers, bearer, bearers, meeting, names_like, note_met
from pipeline.store.database import Database, of_another_version
from pipeline.store.purging import purged, worded
from pipeline.store.runs import Run
from pipeline.store.schema import AnswerRow, CallRow, Meta, ScorecardRow
from pipeline.store.troubles import Trouble, troubles, try_again
from pipeline.store.voices import put_voice, usual_voices

BLOCK = 500
"""Rows read at a time, so that ten thousand calls need the memory of a few."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A call as the store holds it, with the answers it has had."""

    call: Call
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class KeptText:
    """The same as the text it is kept as, to be read (:meth:`read`) where it is needed.

    ``store`` is the store's URL without its password.
    """

    recording_id: str
    file: str
    call: str
    answers: tuple[str, ...]
    store: str

    def read(self) -> Kept:
        """The call itself.

        Raises:
            StoreError: it was kept by another version
        """
        try:
            answers = tuple(from_json(Answer, answer) for answer in self.answers)
            return Kept(from_json(Call, self.call), answers)
        except DecodeError as error:
            raise of_another_version(self.store, self.file) from error


@dataclass(frozen=True, slots=True)
class CardText:
    """A scorecard as the text it is kept as."""

    recording_id: str
    standard: str
    standard_sha256: str
    score: float | None
    scorecard: str

    @classmethod
    def of(cls, card: Scorecard) -> CardText:
        return cls(
            card.recording_id, card.standard, card.standard_sha256, card.score, to_json(card)
        )


class Store:
    """A database of calls, open until closed; use it as a context manager.

    Args:
        url: SQLAlchemy URL, such as ``sqlite:///callqa-out/callqa.db``

    Raises:
        StoreError: here and in every method: the database cannot be opened, read or written, or was
            written by another version.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._url = self.database.shown

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.database.close()

    def kept(self, recording_id: str) -> Kept | None:
        """The call of a recording, if it was ever listened to and its words are still there."""
        with self.database.reading() as session:
            row = session.get(CallRow, recording_id)
            return self._kept(session, row) if row and row.call else None

    def is_purged(self, recording_id: str) -> bool:
        """Whether a recording was listened to and its words have been purged since."""
        with self.database.reading() as session:
            return bool(purged(session, [recording_id]))

    def purged(self) -> int:
        """How many calls are known whose words have been purged."""
        with self.database.reading() as session:
            query = select(func.count()).select_from(CallRow).where(CallRow.call == "")
            return session.scalar(query) or 0

    def all_kept(self) -> Iterator[Kept]:
        """Every call, in the order of their files."""
        return (one.read() for one in self.kept_texts(self.recordings()))

    def recordings(self) -> tuple[tuple[str, str], ...]:
        """The file and id of every kept call that has its words, in the order of their files."""
        with self.database.reading() as session:
            query = select(CallRow.file, CallRow.recording_id).where(CallRow.call != "")
            rows = session.execute(query).all()
        return tuple(sorted(rows))  # databases sort text each in their own way

    def kept_texts(self, recordings: Sequence[tuple[str, str]]) -> Iterator[KeptText]:
        """Some calls as they are kept, in the order asked for; those no longer there are left out."""
        for at in range(0, len(recordings), BLOCK):
            ids = [recording_id for _, recording_id in recordings[at : at + BLOCK]]
            with self.database.reading() as session:
                block = self._texts(session, ids)
            yield from block

    def _texts(self, session: Session, ids: Sequence[str]) -> list[KeptText]:
        calls = select(CallRow.recording_id, CallRow.file, CallRow.call).where(CallRow.call != "")
        answers = select(AnswerRow.recording_id, AnswerRow.answer)
        said: dict[str, list[str]] = defaultdict(list)
        for recording_id, answer in session.execute(answers.where(AnswerRow.recording_id.in_(ids))):
            said[recording_id].append(answer)
        found = {
            recording_id: KeptText(recording_id, file, call, tuple(said[recording_id]), self._url)
            for recording_id, file, call in session.execute(
                calls.where(CallRow.recording_id.in_(ids))
            )
        }
        return [found[one] for one in ids if one in found]

    def find(self, file: str) -> Kept | None:
        """The call of a file, by its name as in the reports or by the end of it (``lobby/a.wav``).

        Of several under one name it is the one met last; none, if several names end so.

        Raises:
            StoreError: its words were purged
        """
        with self.database.reading() as session:
            names = names_like(session, file)
            found = bearer(session, names[0]) if len(names) == 1 else None
            return self._kept(session, found) if found else None

    def names_like(self, file: str) -> tuple[str, ...]:
        """The name itself, if a call bears it, else those that end with it, in order."""
        with self.database.reading() as session:
            return names_like(session, file)

    def bearers(self) -> Bearers:
        """Which call bears each name, and which bear theirs no more."""
        with self.database.reading() as session:
            return bearers(session)

    def files(self) -> tuple[str, ...]:
        """The files of all kept calls, in order."""
        with self.database.reading() as session:
            return tuple(session.scalars(select(CallRow.file).order_by(CallRow.file)))

    def met_in(self, folder: str) -> frozenset[str]:
        """The files of all calls that were last met in a folder."""
        with self.database.reading() as session:
            return frozenset(session.scalars(select(CallRow.file).where(CallRow.folder == folder)))

    def judged_by(self, recording_id: str) -> str | None:
        """The SHA-256 of the standard by which a call was judged last."""
        with self.database.reading() as session:
            query = select(ScorecardRow.standard_sha256).order_by(ScorecardRow.judged_at.desc())
            return session.scalars(query.where(ScorecardRow.recording_id == recording_id)).first()

    def heard_by(self, recording_id: str, *provenances: Provenance) -> bool:
        """Whether the call was listened to by just these models, or just those."""
        with self.database.reading() as session:
            query = select(CallRow.provenance).where(CallRow.recording_id == recording_id)
            return session.scalars(query).first() in [to_json(one) for one in provenances]

    def usual_voices(self, recordings: Iterable[Recording]) -> dict[str, UsualVoice]:
        """How the agents of some recordings sounded before these, by the recording's id; where known."""
        with self.database.reading() as session:
            return usual_voices(session, recordings)

    def speed(self, weights_sha256: str) -> float | None:
        """Times real time at which one worker heard with these weights when last it was measured."""
        with self.database.reading() as session:
            row = session.get(Meta, f"speed {weights_sha256}")
            return float(row.value) if row else None

    def keep_speed(self, weights_sha256: str, speed: float) -> None:
        """Keep how fast one worker hears, in place of what was measured before."""
        with self.database.writing() as session:
            session.merge(Meta(name=f"speed {weights_sha256}", value=f"{speed:.3f}"))

    def keep_call(self, call: Call, answers: Iterable[Answer] = ()) -> None:
        """Keep a call, and those answers that are true of it; earlier ones go."""
        with self.database.writing() as session:
            _put_call(session, call, answers, None)

    def keep_answers(self, recording_id: str, answers: Iterable[Answer]) -> None:
        """Keep what a closer listen said about a call."""
        with self.database.writing() as session:
            _put_answers(session, recording_id, answers)

    def keep_scored(
        self,
        run: Run,
        call: Call | None,
        answers: Iterable[Answer],
        scorecard: Scorecard,
        folder: str | None = None,
    ) -> None:
        """Keep all that came of a recording at once, met in ``folder``, and let the run go of it.

        ``call`` is given where it is new or has changed; then ``answers`` are all there are, else
        those to add.
        """
        recording_id = scorecard.recording_id
        with self.database.writing() as session:
            if call is not None and not purged(session, [recording_id]):
                _put_call(session, call, answers, run.id)
            # what was purged while it was judged stays so
            if worded(session, [recording_id]):
                if call is None:
                    _put_answers(session, recording_id, answers)
                _put_cards(session, [CardText.of(scorecard)], run.id)
            if folder is not None:
                note_met(session, recording_id, folder)
            run.let_go(session, recording_id)

    def keep_scorecards(self, scorecards: Sequence[Scorecard]) -> None:
        """Keep scorecards, each in place of the call's earlier one under that standard."""
        self.keep_cards([CardText.of(scorecard) for scorecard in scorecards])

    def keep_cards(self, cards: Sequence[CardText], run: Run | None = None) -> None:
        """The same of scorecards that are text already; a run's, as far as the calls still have words."""
        with self.database.writing() as session:
            if run is not None:
                there = worded(session, [card.recording_id for card in cards])
                cards = [card for card in cards if card.recording_id in there]
            _put_cards(session, cards, run.id if run else None)

    def run(self, kind: str, settings: str, outline: Outline) -> Run:
        """A run of ``kind`` score or rescore, to be entered; ``settings`` as JSON."""
        return Run(self.database, kind, settings, outline.id, outline.sha256)

    def troubles(self) -> tuple[Trouble, ...]:
        """Every recording that could not be judged, in the order of their files."""
        return troubles(self.database)

    def try_again(self, files: Sequence[str] = ()) -> tuple[str, ...]:
        """Have recordings that failed tried again, all or those of some files; gives their files."""
        return try_again(self.database, files)

    def _kept(self, session: Session, row: CallRow) -> Kept:
        if not row.call:
            raise StoreError(
                self._url,
                f"call {row.file}, whose words were purged",
                "a call whose words are kept",
                "Its verdicts and scores are left: see `callqa export`.",
            )
        (text,) = self._texts(session, [row.recording_id])
        return text.read()


def _put_call(session: Session, call: Call, answers: Iterable[Answer], run_id: str | None) -> None:
    recording, record = call.recording, call.recording.record
    session.execute(delete(AnswerRow).where(AnswerRow.recording_id == recording.id))
    session.add_all(_answer_row(recording.id, answer) for answer in answers)
    session.merge(
        CallRow(
            recording_id=recording.id,
            file=recording.file,
            provenance=to_json(call.provenance),
            call=to_json(call),
            callqa_version=call.provenance.version,
            engine=call.provenance.engine,
            model=call.provenance.model,
            weights_sha256=call.provenance.weights_sha256,
            size_bytes=recording.size_bytes,
            duration_ms=call.duration_ms,
            agent_id=record.agent_id,
            started_at=record.started_at.isoformat() if record.started_at else None,
            kind=record.kind,
            line=record.line,
            direction=record.direction,
            run_id=run_id,
            met_at=meeting(session, recording.id, recording.file),
        )
    )
    put_voice(session, call)


def _put_answers(session: Session, recording_id: str, answers: Iterable[Answer]) -> None:
    for answer in answers:
        session.merge(_answer_row(recording_id, answer))


def _put_cards(session: Session, cards: Sequence[CardText], run_id: str | None) -> None:
    cards = list({(card.recording_id, card.standard): card for card in cards}.values())
    made_by = {"callqa_version": __version__, "run_id": run_id}
    for standard in {card.standard for card in cards}:
        ids = [card.recording_id for card in cards if card.standard == standard]
        session.execute(
            delete(ScorecardRow).where(
                ScorecardRow.standard == standard, ScorecardRow.recording_id.in_(ids)
            )
        )
    if cards:
        session.execute(insert(ScorecardRow), [asdict(card) | made_by for card in cards])


def _answer_row(recording_id: str, answer: Answer) -> AnswerRow:
    digest = hashlib.sha256(to_json(answer.question).encode()).hexdigest()
    return AnswerRow(recording_id=recording_id, question_sha256=digest, answer=to_json(answer))
