"""The store's one class: keep and find calls, answers and scorecards."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import TracebackType
from urllib.parse import unquote

from msgspec import DecodeError
from sqlalchemy import create_engine, delete, insert, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from pipeline.errors import StoreError
from pipeline.records import Answer, Call, Provenance, Scorecard, from_json, to_json
from pipeline.store.schema import SCHEMA, AnswerRow, Base, CallRow, Meta, ScorecardRow

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
            raise StoreError(
                self.store,
                f"call {self.file} in a form this version does not know",
                "calls kept by this version",
                "Score the recordings again into another store.",
            ) from error


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
        self._url = url
        try:
            parsed = make_url(url)
            self._url = unquote(parsed.render_as_string(hide_password=True))
            self._engine = create_engine(parsed)
            with self._wording():
                Base.metadata.create_all(self._engine)
                with Session(self._engine) as session, session.begin():
                    kept = session.get(Meta, "schema")
                    if kept is None:
                        session.add(Meta(name="schema", value=str(SCHEMA)))
                    version = kept.value if kept else str(SCHEMA)
        except (ArgumentError, ModuleNotFoundError, ValueError) as error:
            raise StoreError(
                self._url,
                f"no database we can speak to ({error})",
                "a URL such as sqlite:///calls.db or postgresql+psycopg://user@host/calls",
                "Correct --store, or install that database's driver.",
            ) from error
        if version != str(SCHEMA):
            self._engine.dispose()
            raise StoreError(
                self._url,
                f"tables of version {version}",
                f"version {SCHEMA}",
                "Use the callqa that wrote it, or another store.",
            )

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.dispose()

    def kept(self, recording_id: str) -> Kept | None:
        """The call of a recording, if it was ever listened to."""
        with self._session() as session:
            row = session.get(CallRow, recording_id)
            return self._kept(session, row) if row else None

    def all_kept(self) -> Iterator[Kept]:
        """Every call, in the order of their files."""
        return (one.read() for one in self.kept_texts(self.recordings()))

    def recordings(self) -> tuple[tuple[str, str], ...]:
        """The file and id of every kept call, in the order of their files."""
        with self._session() as session:
            rows = session.execute(select(CallRow.file, CallRow.recording_id)).all()
        return tuple(sorted(rows))  # databases sort text each in their own way

    def kept_texts(self, recordings: Sequence[tuple[str, str]]) -> Iterator[KeptText]:
        """Some calls as they are kept, in the order asked for; those no longer there are left out."""
        for at in range(0, len(recordings), BLOCK):
            ids = [recording_id for _, recording_id in recordings[at : at + BLOCK]]
            with self._session() as session:
                block = self._texts(session, ids)
            yield from block

    def _texts(self, session: Session, ids: Sequence[str]) -> list[KeptText]:
        calls = select(CallRow.recording_id, CallRow.file, CallRow.call)
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
        """The call of a file, by its name as in the reports or by the end of it (``lobby/a.wav``)."""
        with self._session() as session:
            exact = session.scalars(select(CallRow).where(CallRow.file == file)).first()
            if exact is None:
                ending = select(CallRow).where(CallRow.file.endswith("/" + file, autoescape=True))
                matches = session.scalars(ending.limit(2)).all()
                exact = matches[0] if len(matches) == 1 else None
            return self._kept(session, exact) if exact else None

    def files(self) -> tuple[str, ...]:
        """The files of all kept calls, in order."""
        with self._session() as session:
            return tuple(session.scalars(select(CallRow.file).order_by(CallRow.file)))

    def heard_by(self, recording_id: str, provenance: Provenance) -> bool:
        """Whether the call was listened to by just these models."""
        with self._session() as session:
            query = select(CallRow.provenance).where(CallRow.recording_id == recording_id)
            return session.scalars(query).first() == to_json(provenance)

    def speed(self, weights_sha256: str) -> float | None:
        """Times real time at which one worker heard with these weights when last it was measured."""
        with self._session() as session:
            row = session.get(Meta, f"speed {weights_sha256}")
            return float(row.value) if row else None

    def keep_speed(self, weights_sha256: str, speed: float) -> None:
        """Keep how fast one worker hears, in place of what was measured before."""
        with self._session() as session, session.begin():
            session.merge(Meta(name=f"speed {weights_sha256}", value=f"{speed:.3f}"))

    def keep_call(self, call: Call, answers: Iterable[Answer] = ()) -> None:
        """Keep a call, and those answers that are true of it; earlier ones go."""
        identity = call.recording.id
        with self._session() as session, session.begin():
            session.execute(delete(AnswerRow).where(AnswerRow.recording_id == identity))
            session.add_all(_answer_row(identity, answer) for answer in answers)
            session.merge(
                CallRow(
                    recording_id=identity,
                    file=call.recording.file,
                    provenance=to_json(call.provenance),
                    call=to_json(call),
                )
            )

    def keep_answers(self, recording_id: str, answers: Iterable[Answer]) -> None:
        """Keep what a closer listen said about a call."""
        with self._session() as session, session.begin():
            for answer in answers:
                session.merge(_answer_row(recording_id, answer))

    def keep_scorecards(self, scorecards: Sequence[Scorecard]) -> None:
        """Keep scorecards, each in place of the call's earlier one under that standard."""
        self.keep_cards([CardText.of(scorecard) for scorecard in scorecards])

    def keep_cards(self, cards: Sequence[CardText]) -> None:
        """The same of scorecards that are text already."""
        cards = list({(card.recording_id, card.standard): card for card in cards}.values())
        with self._session() as session, session.begin():
            for standard in {card.standard for card in cards}:
                ids = [card.recording_id for card in cards if card.standard == standard]
                session.execute(
                    delete(ScorecardRow).where(
                        ScorecardRow.standard == standard, ScorecardRow.recording_id.in_(ids)
                    )
                )
            if cards:
                session.execute(insert(ScorecardRow), [asdict(card) for card in cards])

    def _kept(self, session: Session, row: CallRow) -> Kept:
        (text,) = self._texts(session, [row.recording_id])
        return text.read()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._wording(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _wording(self) -> Iterator[None]:
        """The database's errors in our words."""
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                self._url,
                f"the database says: {str(cause).splitlines()[0]}",
                "a database that can be read and written, and room on its disk",
                "Check its path, permissions, free space and that nothing else holds it.",
            ) from error


def _answer_row(recording_id: str, answer: Answer) -> AnswerRow:
    digest = hashlib.sha256(to_json(answer.question).encode()).hexdigest()
    return AnswerRow(recording_id=recording_id, question_sha256=digest, answer=to_json(answer))
