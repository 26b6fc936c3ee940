"""Why a recording could not be judged is said in Chinese, whatever it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.records import Failure
from pipeline.show.language import Phrases, in_chinese
from pipeline.show.refusals import EXPECTED, GOT, HINTS, refusal

PIPELINE = Path(pipeline.__file__).parent
ROOMS = ("listen", "apart.py", "callrecords.py", "cluster.py", "intake.py", "work.py")
MAKERS = {"RecordingError", "NotNowError", "Failure", "failure"}
"""What makes a failure of a recording: its file, what was got, what was expected, what to do."""


PUT_IN = {
    "a link to a 1": "a link to a file",
    "mount the 1": "mount the file",
    "1 sample1": "1 sample",
    "1: 1": "calls.csv:1: kind is 'x'",
}
"""What stands there instead of a figure."""


def written(node: ast.AST) -> Iterator[str]:
    """The sentences an argument may be, with a figure for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values
        )
    elif isinstance(node, ast.BinOp):
        yield from (one + two for one in written(node.left) for two in written(node.right))


def sentences() -> Iterator[tuple[str, Phrases, str]]:
    for room in ROOMS:
        for file in sorted((PIPELINE / room).rglob("*.py")) or [PIPELINE / room]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", "")
                if name in MAKERS:
                    for phrases, argument in zip(
                        (GOT, EXPECTED, HINTS), node.args[1:], strict=False
                    ):
                        yield from (
                            (f"{file.name}:{node.lineno}", phrases, one)
                            for one in written(argument)
                        )
                elif name == "unreadable":
                    yield from (
                        (f"{file.name}:{node.lineno}", GOT, one) for one in written(node.args[1])
                    )


SENTENCES = list(sentences())


def test_there_are_sentences_to_look_at() -> None:
    assert len(SENTENCES) > 60


@pytest.mark.parametrize(("where", "phrases", "sentence"), SENTENCES)
def test_every_sentence_has_a_chinese_one(where: str, phrases: Phrases, sentence: str) -> None:
    for figure, word in PUT_IN.items():
        sentence = sentence.replace(figure, word)
    assert in_chinese(sentence, phrases, str) != sentence, where


def test_what_is_set_aside_says_so() -> None:
    hint = (
        "Split it into calls first. It was tried 3 times and is set aside: "
        "`callqa failures --retry` has it tried again."
    )
    told = refusal(Failure("a.wav", "a recording of 7.5 hours", "at most 6 hours", hint), "zh-Hant")
    assert told == Failure(
        "a.wav",
        "7.5 小時的錄音",
        "最多 6 小時",
        "請先分成各通。已試過 3 次，暫不再試；`callqa failures --retry` 可再試。",
    )


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        (
            "calls.csv:2: kind is 'x' and line is 'y'",
            "one of call, visit, home_visit; one of front_desk, office",
            (
                "calls.csv:2：kind 為 'x'，line 為 'y'",
                "其中之一：call, visit, home_visit；其中之一：front_desk, office",
            ),
        ),
        (
            "the file's name: kind is 'chat'",
            "one of call, visit",
            ("檔名：kind 為 'chat'", "其中之一：call, visit"),
        ),
    ],
)
def test_rows_that_are_refused(got: str, expected: str, told: tuple[str, str]) -> None:
    shown = refusal(Failure("a.wav", got, expected, "Correct the row and run again."), "zh-Hant")
    assert (shown.got, shown.expected) == told


def test_english_readers_get_what_is_written() -> None:
    failure = Failure("a.wav", "a folder", "a sound file", "Check its permissions.")
    assert refusal(failure, "en") is failure
