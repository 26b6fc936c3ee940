"""Lexicons compiled once are the same when they are recalled, and never a reason to stop."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.wording import compiled
from pipeline.wording.compiled import MOST_KEPT, Compiled, recall, recall_learned
from pipeline.wording.examples import Example
from pipeline.wording.lessons import Lesson, Lessons
from pipeline.wording.lexicon import Lexicon, Phrase
from pipeline.wording.likeness import Likeness
from pipeline.wording.match import Match, Matcher
from pipeline.wording.normalise import normalise
from pipeline.wording.search import Index

LEXICON = Lexicon(
    "wait",
    (
        Phrase("請稍等", ("请稍等",), ("請稍等",)),
        Phrase("不好意思讓您久等", ("不好意思让您久等",), ()),
    ),
    ("请稍等等",),
)
TEXTS = ("请陈先生稍等", "请少等一下", "不好意斯让您久等了", "请稍等等", "您好")
"""A match by words, two by sound, an exception, and nothing."""


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, in which little lexicons are kept too."""
    monkeypatch.setenv("CALLQA_CACHE", str(tmp_path))
    monkeypatch.setattr(compiled, "WORTH_KEEPING", 1)
    return tmp_path / "standards"


def compile_now() -> Compiled:
    return (LEXICON,), Index([LEXICON])


def compile_never() -> Compiled:
    raise AssertionError


def found(of: Compiled) -> list[tuple[Match, ...]]:
    matcher = Matcher(of[0], index=of[1])
    return [matcher.find(normalise(text), "wait") for text in TEXTS]


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_what_is_recalled_finds_what_was_compiled(kept_in: Path) -> None:
    first = recall("a", compile_now)
    again = recall("a", compile_never)
    assert again[0] == first[0] == (LEXICON,)
    assert found(again) == found(first)
    assert [[one.level for one in of] for of in found(again)] == [
        ["words"],
        ["syllables"],
        ["syllables"],
        [],
        [],
    ]
    assert [file.suffix for file in kept_in.iterdir()] == [".pickle"]


def test_another_process_finds_the_same() -> None:
    here = [
        [(one.start, one.end, one.level) for one in of] for of in found(recall("a", compile_now))
    ]
    program = (
        "import json, sys\n"
        "from pipeline.wording.syllables import syllables, rune\n"
        "[rune(one) for one in syllables('其他的话先说了')]\n"  # other sounds come first there
        "from tests.wording import test_compiled as t\n"
        "of = t.found(t.recall('a', t.compile_never))\n"
        "print(json.dumps([[(m.start, m.end, m.level) for m in one] for one in of]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [[tuple(one) for one in of] for of in json.loads(ran.stdout)] == here


def test_other_files_are_another_standard() -> None:
    recall("a", compile_now)
    with pytest.raises(AssertionError):
        recall("b", compile_never)


@pytest.mark.parametrize("damage", ["cut short", "changed", "empty"])
def test_a_damaged_file_is_made_anew(kept_in: Path, damage: str) -> None:
    recall("a", compile_now)
    file = the_file(kept_in)
    whole = file.read_bytes()
    changed = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
    file.write_bytes({"cut short": whole[:-9], "changed": changed, "empty": b""}[damage])
    with pytest.raises(AssertionError):
        recall("a", compile_never)
    recall("a", compile_now)
    assert found(recall("a", compile_never)) == found(compile_now())


@pytest.mark.parametrize("by", ["a file of a group", "a folder of all", "a link"])
def test_what_others_could_have_written_is_not_read(kept_in: Path, by: str) -> None:
    recall("a", compile_now)
    file = the_file(kept_in)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (kept_in, file)] == [0o700, 0o600]
    if by == "a file of a group":
        file.chmod(0o620)
    elif by == "a folder of all":
        kept_in.chmod(0o777)
    else:
        elsewhere = kept_in.parent / "downloaded"
        file.rename(elsewhere)
        file.symlink_to(elsewhere)
    with pytest.raises(AssertionError):
        recall("a", compile_never)


def test_a_folder_that_cannot_be_written_to_costs_only_time(kept_in: Path) -> None:
    kept_in.write_text("a file where the folder should be")
    assert found(recall("a", compile_now)) == found(compile_now())


def test_only_the_last_used_are_kept(kept_in: Path) -> None:
    names = "abcdefgh"[: MOST_KEPT + 1]
    for minute, name in enumerate(names):
        recall(name, compile_now)
        newest = max(kept_in.iterdir(), key=lambda file: file.stat().st_mtime)
        os.utime(newest, (minute * 60, minute * 60))
    recall(names[1], compile_never)  # used again
    recall("z", compile_now)
    assert len(list(kept_in.iterdir())) == MOST_KEPT
    recall(names[1], compile_never)
    with pytest.raises(AssertionError):
        recall(names[2], compile_never)


def test_what_a_killed_process_left_is_removed(kept_in: Path) -> None:
    kept_in.mkdir()
    old, young = kept_in / ".x.pickle.1.part", kept_in / ".x.pickle.2.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    recall("a", compile_now)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_library_that_cannot_be_told_keeps_nothing(
    kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "LIBRARIES", ("no-such-library",))
    compiled._code_digest.cache_clear()
    assert found(recall("a", compile_now)) == found(compile_now())
    compiled._code_digest.cache_clear()
    assert not kept_in.exists()


def test_few_wordings_are_not_worth_it(kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "WORTH_KEEPING", 3)
    recall("a", compile_now)
    assert not kept_in.exists()


def test_likenesses_are_kept_by_their_examples(kept_in: Path) -> None:
    wanted = {"vague": Lesson("answers", ("vague",), ("fine",))}
    lessons, others = (
        Lessons({"answers": (Example(("vague",), "-", text),)}, wanted)
        for text in ("再說吧", "再說囉")
    )
    made = {"vague": Likeness({"吧": 1_000}, -500, ("再說吧",), ("再说吧",))}
    scores = [
        recall_learned(asked, lambda _, made=made: made).answers.scores("吧")
        for asked, made in ((lessons, made), (lessons, {}), (others, {}))
    ]
    assert scores == [{"vague": 0.5}, {"vague": 0.5}, {}]
    assert len(list((kept_in.parent / "likenesses").iterdir())) == 2
