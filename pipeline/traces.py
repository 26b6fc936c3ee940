"""Whose words a file of results or a recording holds, as far as the file tells.

No link is followed, and what is not ours is nobody's.
"""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from pipeline.show.documents import FOLDER, document_paths
from pipeline.show.files import written_whole
from pipeline.show.tables import guarded
from pipeline.store.purging import Old

UNMASKED = ".unmasked"
"""Names the documents beside it that show personal data."""


class _Card(msgspec.Struct):
    recording_id: str
    file: str


class _Document(msgspec.Struct):
    """As much of a document as tells whose it is."""

    scorecard: _Card


def recording_of(path: Path) -> str | None:
    """Whose document it is; ``None`` if it is none of ours.

    Raises:
        OSError: it cannot be read
    """
    card = _card_in(path)
    return card.recording_id if card else None


def _card_in(path: Path) -> _Card | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Document).scorecard
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def mark_unmasked(out: Path, files: Sequence[str]) -> None:
    """Say, before any is written, which documents will show personal data: those of some recordings.

    Raises:
        OutputError: the folder cannot be written
    """
    marked = {*_marked(out), *map(str, document_paths(files).values())}
    with written_whole(out / FOLDER / UNMASKED) as mark:
        mark.writelines(f"{path}\n" for path in sorted(marked))


def _marked(out: Path) -> list[str]:
    try:
        return (out / FOLDER / UNMASKED).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def tidy(
    out: Path, results: Mapping[str, str], replaced: Collection[str] = (), *, unmasked: bool
) -> None:
    """Delete documents that these results make false.

    Those of their recordings that lie under a name they had before: whoever reads all documents would
    count them twice. Those of recordings that were ``replaced``, by their ids. And, when these results are
    masked, those in which earlier ones showed personal data.
    A document that was copied elsewhere is nobody's business but the reader's.

    ``results`` are the ids of the recordings of these results, by file. What cannot be deleted stays.
    """
    folder = out / FOLDER
    if folder.is_symlink():
        return
    own = {out / path for path in document_paths(list(results)).values()}
    stale = {*results.values(), *replaced}
    in_clear = frozenset() if unmasked else frozenset(out / path for path in _marked(out))
    for path, _ in plain_files(folder, lambda _: None):
        if path.suffix == ".json" and path not in own:
            with suppress(OSError):
                card = _card_in(path)
                if card and (
                    path in in_clear or (card.recording_id in stale and _is_at(path, card, out))
                ):
                    path.unlink()
    if not unmasked:
        with suppress(OSError):
            (folder / UNMASKED).unlink(missing_ok=True)


def _is_at(path: Path, card: _Card, out: Path) -> bool:
    """Whether a document lies where that of its recording was written, alone in its name or not."""
    (alone,) = document_paths([card.file]).values()
    together = alone.with_name(f"{PurePosixPath(card.file).name}.json")
    return path in (out / alone, out / together)


@dataclass(frozen=True, slots=True)
class Table:
    """Whether a table was read and is ours, which old calls stand in it, or why it could not be read."""

    ours: bool = False
    calls: frozenset[str] = frozenset()
    trouble: str = ""


def read_table(table: Path, heading: Sequence[str], old: Sequence[Old]) -> Table:
    """Which of some old calls stand in a table that begins with such columns."""
    try:
        if not table.is_file():
            return Table()
        # a spreadsheet that saves it again puts a byte order mark before it
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            if next(rows, [])[: len(heading)] != list(heading):
                return Table()
            files = {row[0] for row in rows if row}
    except OSError as error:
        return Table(trouble=error.strerror or str(error))
    except (ValueError, csv.Error) as error:
        return Table(trouble=str(error))
    return Table(True, frozenset(one.recording_id for one in old if guarded(one.file) in files))


def is_plain(path: Path) -> bool:
    """Whether it is a file, and no link to one."""
    return path.is_file() and not path.is_symlink()


def plain_files(folder: Path, on_error: Callable[[OSError], object]) -> Iterator[tuple[Path, int]]:
    """Every file below a folder that is no link, in order, with its size; no linked folder is entered."""
    for root, folders, names in os.walk(folder, onerror=on_error, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue  # gone since it was listed
            except OSError as error:
                on_error(error)
                continue
            if stat.S_ISREG(found.st_mode):
                yield path, found.st_size
