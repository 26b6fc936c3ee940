"""The tables are a contract: whole files are compared."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Failure, Judged, Outline
from pipeline.show.language import Language
from pipeline.show.tables import (
    FORMULA_STARTS,
    guarded,
    score_row,
    verdict_rows,
    verdicts_written,
)
from pipeline.show.tables import write_scores as write_score_rows

from .build import GREETING, MEASURES, OUTLINE, UNTOLD, judged

FAILURE = Failure("0000.wav", "0 bytes", "a sound file", "Copy it again.")


def write_scores(
    path: Path, judged: Sequence[Judged], failures: Sequence[Failure], outline: Outline
) -> None:
    rows = [score_row(one, outline) for one in judged]
    write_score_rows(path, rows, failures, outline)


def write_verdicts(
    path: Path, judged: Sequence[Judged], outline: Outline, language: Language
) -> None:
    with verdicts_written(path) as file:
        file.writelines(verdict_rows(one, outline, language) for one in judged)


def test_scores(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    kept = judged("-b.wav", 100.0, [GREETING], flags=(), agent_id=None, measures=UNTOLD)
    write_scores(path, [judged(measures=MEASURES), kept], [FAILURE], OUTLINE)
    assert path.read_bytes().decode() == (
        "file,score,kind,flags,agent_id,started_at,line,passed,applicable,passed_share,"
        "failed_clauses,unjudged,duration_s,lost_conduct,lost_calm,error,situations,"
        "longest_silence_s,hold_s,overlap_s,"
        "agent_talk_share,agent_turns,agent_interruptions,agent_rate,agent_reply_s,"
        "customer_talk_share,customer_turns,customer_interruptions,customer_rate,"
        "customer_reply_s,holds_told,holds_untold\n"
        "'-b.wav,100.0,call,,,2026-03-02T09:30:00,front_desk,1,1,1.0,,0,9.0,0.0,0.0,,,"
        "0.0,7.0,,,,,,,,,,,,,\n"
        "0000.wav,,,,,,,,,,,,,,,0 bytes; expected a sound file. Copy it again.,,,,,,,,,,,,,,,,\n"
        "0001.wav,80.0,call,critical,A07,2026-03-02T09:30:00,front_desk,1,3,0.3333,"
        "4.1.7.1;4.1.8.2,1,9.0,10.0,10.0,,,"
        "0.4,0.0,0.7,0.7778,2,1,5.0,0.4,0.2222,1,0,,,0,0\n"
    )


def test_verdicts(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    write_verdicts(path, [judged()], OUTLINE, "zh-Hant")
    assert path.read_text(encoding="utf-8") == (
        "file,clause,status,confidence,reason,start_s,end_s,quote,measured,threshold,"
        "unit,role,title,reason_code\n"
        "0001.wav,4.1.2.2,pass,0.93,說了「您好」,1.0,1.4,您好,,,,agent,前台問候,phrase_said\n"
        "0001.wav,4.1.7.1,fail,0.88,沒有說「再見」之類的話（範圍：最後 20 秒）,"
        "4.0,9.0,,,,,,道別,phrase_missing\n"
        "0001.wav,4.1.8.2,fail,0.7,提高嗓門 1 次,3.0,3.4,什麼,8.5,6.0,dB,agent,不發脾氣,voice_raised\n"
        "0001.wav,4.2.5.1,unjudged,1.0,聽不出來，須由人查核：制服,,,,,,,,制服,manual\n"
    )


def test_an_empty_night_has_headings(tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [], [], OUTLINE)
    write_verdicts(tmp_path / "verdicts.csv", [], OUTLINE, "en")
    assert (tmp_path / "scores.csv").read_text().startswith("file,score,kind,flags,")
    assert (tmp_path / "verdicts.csv").read_text().startswith("file,clause,status,confidence,")


def test_a_name_that_is_not_unicode_is_escaped(tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [judged("\udce4.wav")], [], OUTLINE)
    assert "\\udce4.wav,80.0" in (tmp_path / "scores.csv").read_text()


@given(start=st.sampled_from(FORMULA_STARTS), rest=st.text())
def test_no_text_cell_begins_a_formula(start: str, rest: str) -> None:
    safe = guarded(start + rest)
    assert isinstance(safe, str)
    assert safe.startswith(f"'{start}")
    assert unguarded(safe) == unguarded(start + rest)


def unguarded(cell: str) -> str:
    return cell.replace("'", "")


@given(
    before=st.sampled_from(
        ["", " ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\x00", "a;", "a; ", "a\n"]
    ),
    sign=st.sampled_from("=+-@＝＋－＠"),
    rest=st.text('1+A("', max_size=5),
)
def test_no_formula_hides_behind_what_a_spreadsheet_trims(
    before: str, sign: str, rest: str
) -> None:
    safe = guarded(before + sign + rest)
    assert isinstance(safe, str)
    for part in re.split(r"[;\t\r\n]", safe):
        assert not re.match(r"[\s\u200b\ufeff\x00]*[=+\-@＝＋－＠]", part)
    assert unguarded(safe) == unguarded(before + sign + rest)


@given(cell=st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.none()))
def test_guarding_leaves_other_cells_alone(cell: str | int | float | None) -> None:
    safe = guarded(cell)
    assert safe == cell or (
        isinstance(cell, str) and re.search(r"[=+\-@\s＝＋－＠﹦﹢﹣﹫⁼₌]", cell)
    )
    assert not (isinstance(safe, str) and safe.startswith(FORMULA_STARTS))


def test_commas_quotes_and_line_ends_survive(tmp_path: Path) -> None:
    name = 'a,"b"\nc.wav'
    write_scores(tmp_path / "scores.csv", [judged(name)], [], OUTLINE)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text())))
    assert [row["file"] for row in rows] == [name]
