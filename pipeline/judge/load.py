"""A standard's folder -> a :class:`Standard` ready to judge with, or an error that names the line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.errors import StandardError
from pipeline.garbage import none_looked_for
from pipeline.judge.consistency import check_consistency
from pipeline.judge.likenesses import likenesses_of
from pipeline.judge.references import Reference, conditions, references
from pipeline.judge.source import Source, read_source
from pipeline.judge.standard import Clause, StandardModel
from pipeline.records import ClauseText, DimensionText, Outline
from pipeline.wording.compiled import Compiled, recall
from pipeline.wording.lessons import Learned
from pipeline.wording.lexicon import Lexicon, read_bytes, read_lexicon, read_text
from pipeline.wording.likeness import Likenesses
from pipeline.wording.match import Matcher
from pipeline.wording.normalise import normalise
from pipeline.wording.search import Index

FILE = "standard.yaml"


@dataclass(frozen=True)
class Standard:
    """A standard with its lexicons read and compiled. ``sha256`` covers every file of the folder.

    It goes to another process as its folder: there what was compiled is recalled.
    """

    model: StandardModel
    lexicons: dict[str, Lexicon]
    matcher: Matcher
    learned: Learned
    sha256: str
    folder: Path
    _spoken: dict[tuple[str, ...], tuple[str, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _as_written: dict[tuple[str, str], dict[str, str]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __reduce__(self) -> tuple[Callable[[Path, str], Standard], tuple[Path, str]]:
        return _same, (self.folder, self.sha256)

    def lexicon_title(self, name: str) -> str:
        """What reports call a lexicon: its first phrase, where its author puts the standard's own words."""
        return self.lexicons[name].phrases[0].spoken[0]

    def spoken(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What to listen for when some lexicons are in question, as a speech model would write it.

        A wording that holds another is left out: who hears the shorter need not look for the longer.
        """
        if names not in self._spoken:
            wordings = dict.fromkeys(word for name in names for word in self.lexicons[name].spoken)
            self._spoken[names] = tuple(
                word for word in wordings if not _holds_other(word, wordings)
            )
        return self._spoken[names]

    def as_written(self, lexicon: str, written: str) -> dict[str, str]:
        """The wordings of a line in their author's script, by their normalised form; the first of several."""
        if (lexicon, written) not in self._as_written:
            phrases = self.lexicons[lexicon].phrases
            phrase = next(phrase for phrase in phrases if phrase.written == written)
            wordings = {normalise(one).text: one for one in reversed(phrase.spoken)}
            self._as_written[lexicon, written] = wordings
        return self._as_written[lexicon, written]

    @property
    def likenesses(self) -> Likenesses:
        """What answers may be like."""
        return self.learned.answers

    @property
    def gists(self) -> Likenesses:
        """What whole calls may be like."""
        return self.learned.calls

    @cached_property
    def outline(self) -> Outline:
        """The standard as a reader needs it."""
        return Outline(
            id=self.model.id,
            title=self.model.title,
            sha256=self.sha256,
            dimensions=tuple(
                DimensionText(d.id, d.clause, d.title, d.deduct) for d in self.model.dimensions
            ),
            clauses=tuple(
                ClauseText(
                    id=c.id,
                    title=c.title,
                    demands=c.demands,
                    dimension=c.dimension,
                    how=how_judged(c),
                    critical=c.critical,
                    also_manual=c.also_manual,
                )
                for c in self.model.clauses
            ),
        )


def _holds_other(wording: str, wordings: Container[str]) -> bool:
    size = len(wording)
    return any(
        wording[start:end] in wordings
        for start in range(size)
        for end in range(start + 1, size + 1)
        if end - start < size
    )


def how_judged(clause: Clause) -> str:
    """How a clause is answered, in a word or two: its check families, ``manual`` or ``not yet``."""
    if clause.manual is not None:
        return "manual"
    if clause.not_yet is not None:
        return "not yet"
    families = dict.fromkeys(
        condition.family
        for condition in conditions(clause)
        if condition.family not in ("all", "any", "not")
    )
    parts = [("the call as a whole", clause.whole), ("in part manual", clause.also_manual)]
    return ", ".join([*families, *(name for name, there in parts if there)])


def load_standard(folder: Path) -> Standard:
    """Read and check a standard's folder.

    Raises:
        StandardError: anything wrong with it; names file and line, what was found, what is allowed.
    """
    source = _source(folder)
    sha256 = _digest(folder)
    if _source_text(folder) != source.text:  # what was read must be what the digest is of
        raise _changed(folder)
    return _compiled(source, sha256)


def titles_in(folder: Path) -> tuple[str, dict[str, str]]:
    """The id of a folder's standard and its clauses' titles, without compiling its lexicons.

    Raises:
        StandardError: something is wrong with its ``standard.yaml``.
    """
    model = _source(folder).validated(StandardModel)
    return model.id, {clause.id: clause.title for clause in model.clauses}


WANTED = f"a standard's folder with a {FILE} in it", "Check the path given to --standard."


def _source(folder: Path) -> Source:
    return read_source(folder / FILE, *WANTED)


def _source_text(folder: Path) -> str:
    return read_text(folder / FILE, *WANTED)


def _same(folder: Path, sha256: str) -> Standard:
    """The standard another process has.

    Raises:
        StandardError: it has changed meanwhile
    """
    standard = load_standard(folder)
    if standard.sha256 != sha256:
        raise _changed(folder)
    return standard


def _changed(folder: Path) -> StandardError:
    return StandardError(
        str(folder),
        "files that were changed while they were read, or calls were judged by them",
        "a standard that stays as it is",
        "Start again.",
    )


@lru_cache(maxsize=4)
def _compiled(source: Source, sha256: str) -> Standard:
    """A standard whose files have a digest."""
    folder = source.path.parent
    model = source.validated(StandardModel)
    named = list(references(model))
    check_consistency(model, named, source)
    slots = dict(model.slots)

    names = sorted({one.name for one in named if one.kind == "lexicon"})
    confirmed = sorted(_only_banned(named))

    def compile_now() -> Compiled:
        read = tuple(read_lexicon(folder / f"{name}.txt", slots) for name in names)
        compiled = read, Index(read, frozenset(confirmed))
        if _digest(folder) != sha256:
            raise _changed(folder)  # it would be kept as what it is not
        return compiled

    # examples are learned from in a process of its own: meanwhile this one compiles. Each looks for no
    # garbage while it lasts; the first to end must not begin to for the other
    with none_looked_for(), ThreadPoolExecutor(1) as beside:
        learning = beside.submit(likenesses_of, model, source)
        lexicons, index = recall(_made_from(folder, names, slots, confirmed), compile_now)
        learned = learning.result()
    by_name = {lexicon.name: lexicon for lexicon in lexicons}
    matcher = Matcher(lexicons, index=index)
    if _digest(folder) != sha256:
        raise _changed(folder)
    return Standard(model, by_name, matcher, learned, sha256, folder)


def _made_from(
    folder: Path, names: Iterable[str], slots: Mapping[str, Sequence[str]], confirmed: Sequence[str]
) -> str:
    """A digest of all that compiled lexicons depend on: who changes a rule compiles none of them again."""
    files = _digest_of(folder / f"{name}.txt" for name in names)
    return hashlib.sha256(json.dumps([files, slots, confirmed]).encode()).hexdigest()


def _only_banned(named: Iterable[Reference]) -> set[str]:
    """Lexicons that only ever accuse, whose doubtful matches are all listened to again."""
    elsewhere = {
        one.name
        for one in named
        if not {"absent", "quarrel"} & set(one.loc) or "objection" in one.loc
    }
    return {one.name for one in named if one.kind == "lexicon"} - elsewhere


def files_of(folder: Path) -> list[Path]:
    """What a standard consists of: its rules, lexicons and examples."""
    return sorted([folder / FILE, *folder.glob("*.txt"), *folder.glob("*.tsv")])


def _digest(folder: Path) -> str:
    """All that a standard's folder holds of it."""
    return _digest_of(files_of(folder))


def _digest_of(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        what = "a file of examples" if file.suffix == ".tsv" else "a lexicon"
        content = read_bytes(file, what, "Take it out of the standard's folder.")
        digest.update(os.fsencode(file.name) + b"\0" + content + b"\0")
    return digest.hexdigest()
