"""Whatever is done to a standard's file or a case file, it loads or says what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import StandardError
from pipeline.judge.cases import read_cases
from pipeline.judge.load import Standard, load_standard
from tests.judge.test_rules import written

RICH = """
choose:
  if: {said: {any: [greeting, org], by: agent, within: {around: 5s, of: {lexicon: out}}}}
  then:
    all:
      - each: {of: {event: hold}, require: {phrase: {lexicon: back, within: {after: 5s}}}}
      - reply: {to: {lexicon: urge, by: customer}, phrase: {lexicon: accept}, within: 5s}
      - order: {lexicons: [greeting, org]}
  else:
    any:
      - slot: {kind: time, by: agent}
      - record: {field: rings, at_most: 3}
      - not: {absent: {lexicon: rude, called: 忌語}}
      - duration: {situation: repair, longest: 45s, doubt: 5s}
      - wish: {within: {first_turns: 1}}
"""
CASES = """clause: "1"
fail:
  - name: no greeting
    record: {kind: call, rings: 2, started_at: "2026-03-12T10:00:00+08:00"}
    turns:
      - agent: 喂。
      - silence: 3s
      - customer: 你好。
        gap: 1s
pass:
  - name: a greeting
    turns: [{agent: 您好。, probability: 0.5}, {music: 9s}]
"""
JUNK = st.sampled_from(
    ["", "x", "0", "-1", ":", "[", "}", "null", "~", "&a", "*a", "- ", "  ", "😀", "\t"]
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with one to three lines lost, doubled, moved in, or with junk in them."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["lose", "double", "indent", "junk", "cut"]))
        line = lines[at]
        if change == "lose" and len(lines) > 1:
            del lines[at]
        elif change == "double":
            lines.insert(at, line)
        elif change == "indent":
            lines[at] = "  " + line
        else:
            place = draw(st.integers(0, len(line)))
            rest = line[place:] if change == "junk" else ""
            lines[at] = line[:place] + draw(JUNK) + rest
    return "\n".join(lines) + "\n"


def rich(folder: Path) -> Path:
    return written(folder, require=yaml.safe_load(RICH), applies={"situation": ["repair"]})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    return load_standard(rich(tmp_path_factory.mktemp("whole")))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_standard_loads_or_names_its_line(tmp_path: Path, data: st.DataObject) -> None:
    folder = rich(tmp_path)
    file = folder / "standard.yaml"
    file.write_text(data.draw(damaged(file.read_text(encoding="utf-8"))), encoding="utf-8")
    try:
        load_standard(folder)
    except StandardError as error:
        assert error.where.startswith(str(folder))
        assert all((error.got, error.expected, error.hint))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=damaged(CASES))
def test_a_damaged_case_file_is_read_or_names_its_line(
    tmp_path: Path, whole: Standard, text: str
) -> None:
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    try:
        read_cases(tmp_path, whole)
    except StandardError as error:
        assert error.where.startswith(str(tmp_path))
        assert all((error.got, error.expected, error.hint))
