"""A standard that is wrong names file, line, what was found and what is allowed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path

import pytest

from pipeline.errors import StandardError
from pipeline.judge import load
from pipeline.judge.load import load_standard
from pipeline.settings import default_standard
from pipeline.wording.lexicon import Lexicon, read_lexicon
from tests.judge.test_rules import written

CLAUSES = [
    "4.1.1",
    "4.1.2.1",
    "4.1.2.2",
    "4.1.2.3",
    "4.1.2.4",
    "4.1.3",
    "4.1.4.1",
    "4.1.4.2",
    "4.1.4.3",
    "4.1.5",
    "4.1.6.1",
    "4.1.6.2",
    "4.1.7.1",
    "4.1.7.2",
    "4.1.8.1",
    "4.1.8.2",
    "4.1.8.3",
    "4.1.8.4",
    "4.2.1.1",
    "4.2.1.2",
    "4.2.2",
    "4.2.2.1",
    "4.2.2.2",
    "4.2.2.3",
    "4.2.3",
    "4.2.4",
    "4.2.5.1",
    "4.2.5.2",
    "4.2.5.3",
    "4.2.6",
    "4.2.6.1",
    "4.2.7.1",
    "4.2.7.2",
    "5.1",
    "5.2",
    "5.3",
    "5.4",
    "extract",
]


def test_the_shipped_standard_holds_every_clause() -> None:
    assert [clause.id for clause in load_standard(default_standard()).model.clauses] == CLAUSES


def test_the_shipped_dimensions_cost_ten_points_each() -> None:
    model = load_standard(default_standard()).model
    assert [(d.clause, d.deduct) for d in model.dimensions] == [
        ("5.1", 10),
        ("5.2", 10),
        ("5.3", 10),
        ("5.4", 10),
    ]


def test_every_lexicon_begins_with_what_it_is_for_and_where_it_comes_from() -> None:
    silent = []
    for file in sorted(default_standard().glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        head = list(takewhile(lambda line: line.startswith("#"), lines))
        if len(head) < 2 or not any(line.startswith("# 來源：") for line in head):
            silent.append(file.name)
    assert silent == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "standard"
    shutil.copytree(default_standard(), copy)
    return copy


def spoil(folder: Path, old: str, new: str) -> int:
    """Replace the first ``old`` and return its line."""
    file = folder / "standard.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "got", "hint"),
    [
        (
            "    dimension: ",
            "    dimention: ",
            "unknown key 'dimention'",
            "Did you mean 'dimension'?",
        ),
        ("longest: 8s", "longest: 8", None, "Correct the value."),
        ("dimension: conduct", "dimension: manners", "dimension 'manners'", None),
        (
            "first_turns: 1",
            "firstturns: 1",
            "unknown key 'firstturns'",
            "Did you mean 'first_turns'?",
        ),
    ],
)
def test_a_wrong_line_is_named(
    folder: Path, old: str, new: str, got: str | None, hint: str | None
) -> None:
    line = spoil(folder, old, new)
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.where == f"{folder / 'standard.yaml'}:{line}"
    assert got is None or error.value.got == got
    assert hint is None or error.value.hint == hint


@pytest.mark.parametrize(
    ("old", "new", "got"),
    [
        ('id: "4.1.2.1"', 'id: "4.1.1"', "clause 4.1.1 for the second time"),
        ("id: complaint", "id: repair", "situation repair for the second time"),
        ("id: conduct", "id: flexible", "dimension flexible for the second time"),
        ("id: rude", "id: amiss", "likeness amiss for the second time"),
    ],
)
def test_what_is_there_twice_is_named(folder: Path, old: str, new: str, got: str) -> None:
    spoil(folder, old, new)
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.got == got


def test_a_missing_lexicon_is_named(folder: Path) -> None:
    (folder / "farewell.txt").unlink()
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    text = (folder / "standard.yaml").read_text(encoding="utf-8")
    line = text[: text.index("ask-phone, farewell]")].count("\n") + 1
    assert (error.value.where, error.value.got, error.value.hint) == (
        f"{folder / 'standard.yaml'}:{line}",
        "lexicon 'farewell' (no file farewell.txt beside it)",
        "Did you mean 'farewell-visit'?",
    )


def test_a_clause_that_nothing_judges_is_named(folder: Path) -> None:
    spoil(folder, "    manual: 是否起身聽不出來，須由人查看\n", "")
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert "exactly one of require, manual, not_yet is wanted" in error.value.got


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"id: [", "not YAML (expected the node content, but found '<stream end>')"),
        (b"\xff\xfe\x00", "byte 0 is not UTF-8"),
        (b"", "the file: nothing"),
    ],
)
def test_a_file_that_is_no_standard_is_named(tmp_path: Path, content: bytes, got: str) -> None:
    (tmp_path / "standard.yaml").write_bytes(content)
    with pytest.raises(StandardError) as error:
        load_standard(tmp_path)
    assert error.value.got == got


def test_any_change_of_a_file_changes_the_hash(tmp_path: Path) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "greeting"}})
    before = load_standard(folder).sha256
    with (folder / "greeting.txt").open("a", encoding="utf-8") as stream:
        stream.write("# 註\n")
    assert load_standard(folder).sha256 != before


def test_who_changes_a_rule_compiles_no_lexicon_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "standard"
    folder.mkdir()
    banned = {"absent": {"lexicon": "forbidden", "called": "服務忌語"}}
    written(folder, require={"all": [{"phrase": {"lexicon": "greeting"}}, banned]})
    # as many wordings as are worth keeping
    shutil.copy(default_standard() / "forbidden.txt", folder)
    monkeypatch.setenv("CALLQA_CACHE", str(tmp_path / "cache"))
    times_read: Counter[str] = Counter()

    def counted(path: Path, slots: Mapping[str, Sequence[str]]) -> Lexicon:
        times_read[path.stem] += 1
        return read_lexicon(path, slots)

    monkeypatch.setattr(load, "read_lexicon", counted)
    lexicons = load_standard(folder).lexicons
    once = dict.fromkeys(lexicons, 1)
    assert times_read == once
    rules = folder / "standard.yaml"
    rules.write_text(rules.read_text("utf-8").replace("deduct: 10", "deduct: 9"), "utf-8")
    after = load_standard(folder)
    assert times_read == once
    assert after.lexicons == lexicons
    assert {one.deduct for one in after.model.dimensions} == {9}
    with (folder / "greeting.txt").open("a", encoding="utf-8") as stream:
        stream.write("來日方長\n")
    assert load_standard(folder).lexicons["greeting"] != lexicons["greeting"]
    assert times_read == dict.fromkeys(lexicons, 2)
