"""``calls/<stem>.json``: everything about one call, for programs.

The document repeats what a reader wants first (``score``, ``transcript``) before the whole
``measures``, ``scorecard`` and ``call``, from which ``pipeline.records.from_json`` restores the values.
All times are integer milliseconds from the start of the recording.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from pipeline.records import Judged
from pipeline.show.files import written_whole

FOLDER = "calls"

SCHEMA = 1
"""Grows when a key changes its meaning or goes; keys may be added without."""


TINY_OR_HUGE = re.compile(rb"[:,\[]-?(?:0\.0000|\d[.\d]*e)")
"""Numbers that msgspec writes otherwise than Python does, 0.00005 for 5e-05, and what looks like one."""


LONGEST_NAME = 200
"""Bytes. File systems take 255; the rest is for what is put behind the name."""


def document_paths(files: Sequence[str]) -> dict[str, PurePosixPath]:
    """Where each recording's document lies, relative to the output folder.

    A document takes its recording's stem. Recordings that would share one keep their extension. A folder
    whose name ends as documents' do gets another, for there may be a document of that name.

    >>> [str(path) for path in document_paths(["am/1.wav", "am/2.wav", "am/2.mp3"]).values()]
    ['calls/am/1.json', 'calls/am/2.wav.json', 'calls/am/2.mp3.json']
    """
    inside = {file: _inside(file) for file in files}
    paths = {file: path.with_name(f"{path.stem}.json") for file, path in inside.items()}
    # Again and again, since a name that kept its extension may meet a recording called "2.wav.wav".
    while shared := _shared(paths):
        paths |= {file: inside[file].with_name(f"{inside[file].name}.json") for file in shared}
    return paths


def document(judged: Judged) -> dict[str, object]:
    """The call as lists, dictionaries and values of ``pipeline.records``."""
    card = judged.scorecard
    return {
        "schema": SCHEMA,
        "file": card.file,
        "score": card.score,
        "transcript": [
            {
                "start_ms": utterance.span.start_ms,
                "end_ms": utterance.span.end_ms,
                "role": utterance.role,
                "text": utterance.text,
            }
            for utterance in judged.call.utterances
        ],
        "measures": judged.measures,
        "scorecard": card,
        "call": judged.call,
    }


def write_document(path: Path, judged: Judged) -> None:
    """The call's document, in the recording's own subfolder of ``calls/``."""
    with written_whole(path) as file:
        file.write(_indented(document(judged)))
        file.write("\n")


def _indented(content: dict[str, object]) -> str:
    """JSON as ``json.dumps(..., indent=1)`` has it, in a fifth of its time."""
    try:
        compact = msgspec.json.encode(content)
    except UnicodeEncodeError:  # a name of odd bytes
        return _by_python(content)
    if TINY_OR_HUGE.search(compact):
        return _by_python(content)
    return msgspec.json.format(compact, indent=1).decode()


def _by_python(content: dict[str, object]) -> str:
    return json.dumps(msgspec.to_builtins(content), ensure_ascii=False, indent=1)


def _inside(file: str) -> PurePosixPath:
    """The recording's place below ``calls/``: never above it, whatever its path says."""
    parts = [part for part in PurePosixPath(file).parts if part not in ("/", "//")]
    *folders, name = ["_" if part == ".." else part for part in parts] or [""]
    return PurePosixPath(FOLDER, *map(_no_document, folders), _fitting(name))


def _no_document(folder: str) -> str:
    """The folder's name, or another where it is such as documents have: one of these may bear it."""
    if not folder.lower().endswith(".json"):
        return _fitting(folder)
    digest = hashlib.sha256(folder.encode(errors="surrogateescape")).hexdigest()[:12]
    return _fitting(f"{folder}~{digest}")


def _fitting(part: str) -> str:
    """A name that leaves room for ``.json`` and a temporary file's ending.

    A name of odd bytes grows when it is written out, so that the recording's own name may not fit.
    """
    written = part.encode(errors="surrogateescape")
    if len(written) <= LONGEST_NAME:
        return part
    digest = hashlib.sha256(written).hexdigest()[:12]
    kept = written[: LONGEST_NAME - len(digest) - 1].decode(errors="ignore")
    return f"{kept}~{digest}{PurePosixPath(part).suffix[:8]}"


def _shared(paths: dict[str, PurePosixPath]) -> list[str]:
    """Files that share their document with another and have not yet kept their extension."""
    count = Counter(paths.values())
    return [
        file
        for file, path in paths.items()
        if count[path] > 1 and path.name != f"{PurePosixPath(file).name}.json"
    ]
