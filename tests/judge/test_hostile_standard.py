"""A standard's files may be wrong or meant to harm: they load in bounded time and memory, or say why not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml

from pipeline.errors import StandardError
from pipeline.judge.load import load_standard
from pipeline.judge.source import read_source
from tests.judge.test_rules import written


def refused(folder: Path, text: str) -> str:
    """What is said of a YAML file, within a few seconds."""
    file = folder / "standard.yaml"
    file.write_text(text, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(StandardError) as error:
        read_source(file, "a standard", "Check the path.")
    assert time.process_time() - began < 5
    assert error.value.where.startswith(str(file))
    assert all((error.value.expected, error.value.hint))
    return error.value.got


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        (LAUGHS, "not YAML (more than 100000 values)"),
        (MERGES, "not YAML (more than 100000 values)"),
        ("a: &a [*a]\n", "not YAML (an alias inside what it stands for)"),
        ("a: &a {b: {c: *a}}\n", "not YAML (an alias inside what it stands for)"),
        ("[" * 100_000, "not YAML (more than 40 levels inside each other)"),
        ("{a: " * 5_000, "not YAML (more than 40 levels inside each other)"),
        ("- " * 2_000 + "a", "not YAML (more than 40 levels inside each other)"),
        ("a: 2025-02-30\n", "not YAML (day is out of range for month)"),
        ("a: !!int ''\n", "not YAML (the tag tag:yaml.org,2002:int, where only plain values are taken)"),
        (
            "a: !!python/object/apply:os.system ['touch owned']\n",
            "not YAML (the tag tag:yaml.org,2002:python/object/apply:os.system, "
            "where only plain values are taken)",
        ),
        ("? [a, b]\n: c\n", "not YAML (found unhashable key)"),
        ("a: 1\na: 2\n", "key 'a' for the second time"),
        ("x: y\n" * (1 << 20), "more than 4 MB"),
        ("a: \x00\n", "not YAML (unacceptable character #x0000: special characters are not allowed)"),
    ],
    ids=["laughs", "merges", "itself", "itself deeper", "lists", "mappings", "dashes", "day", "tag",
         "code", "key", "twice", "large", "NUL"],
)  # fmt: skip
def test_yaml_that_means_harm_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, got: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(tmp_path, text) == got
    assert not (tmp_path / "owned").exists()


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, f"a: {'9' * 5_000}\n").startswith("not YAML (Exceeds the limit")


def test_aliases_that_multiply_nothing_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "standard.yaml"
    file.write_text("a: &a [1, 2]\nb: *a\nc: {<<: {d: 1}}\n", encoding="utf-8")
    assert read_source(file, "a standard", "x").tree == {"a": [1, 2], "b": [1, 2], "c": {"d": 1}}


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        ("9" * 400 + "s", "is longer than a day"),
        ("25000m", "is longer than a day"),
        (".inf", "is not a duration such as 20s, 1.5m or 500ms"),
    ],
)
def test_absurd_durations_are_refused(tmp_path: Path, duration: str, said: str) -> None:
    with pytest.raises(StandardError) as error:
        load_standard(
            written(
                tmp_path,
                require={"silence": {"longest": duration, "doubt": "1s"}},
            )
        )
    assert said in error.value.got


def with_lexicon(folder: Path, text: str) -> Path:
    folder = written(folder, require={"phrase": {"lexicon": "greeting"}})
    (folder / "greeting.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("(一|二)" * 40 + "\n", f"{2**40} wordings in one line"),
        ("|".join(f"({n}甲|{n}乙|{n}丙)" for n in range(1_000)), "1026 wordings in one line"),
        ("您" * 101, "a wording of 101 characters"),
        (
            "\n".join("(一|二)(三|四)(五|六)(七|八)(九|十)" + hex(n)[2:] for n in range(4_000)),
            "more than 60000 wordings or 10000 exceptions up to here",
        ),
        ("您好\n" + "\n".join(f"!不{n}" for n in range(11_000)), "more than 60000 wordings or"),
        ("您好\n" * 1_000_000, "more than 4 MB"),
    ],
    ids=["product", "alternatives", "long", "many", "exceptions", "large"],
)
def test_a_lexicon_that_stands_for_too_much_is_refused(tmp_path: Path, text: str, got: str) -> None:
    folder = with_lexicon(tmp_path, text)
    began = time.process_time()
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert time.process_time() - began < 10
    assert error.value.where.startswith(str(folder / "greeting.txt"))
    assert error.value.got.startswith(got)


def test_what_is_no_file_in_a_standards_folder_is_said(tmp_path: Path) -> None:
    folder = with_lexicon(tmp_path, "您好")
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value == StandardError(
        str(folder / "pipe.txt"),
        "a folder, pipe or device",
        "a lexicon",
        "Take it out of the standard's folder.",
    )


def test_a_lexicon_is_named_by_its_stem_alone(tmp_path: Path) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "../secret"}})
    (tmp_path.parent / "secret.txt").write_text("您好\n", encoding="utf-8")
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.got == "lexicon '../secret' (no file ../secret.txt beside it)"


def test_no_number_of_a_standard_is_infinite(tmp_path: Path) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "greeting"}})
    file = folder / "standard.yaml"
    tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    tree["dimensions"][0]["deduct"] = float("nan")
    file.write_text(yaml.safe_dump(tree), encoding="utf-8")
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert "finite number" in error.value.got
