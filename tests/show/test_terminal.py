"""What the terminal shows."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipeline.errors import UsageError
from pipeline.records import Failure
from pipeline.show.brief import brief_of
from pipeline.show.console import night_table
from pipeline.show.explain import explain

from .build import MEASURES, OUTLINE, RAISED, UNTOLD, judged


def test_one_clause_explained() -> None:
    assert explain(judged(), OUTLINE, "4.1.8.2") == (
        "0001.wav\n"
        "客戶來電來訪接待工作規範\n"
        "100 − 10 (4.1.7.1) − 10 (4.1.8.2) = 80\n"
        "1 of 3 applicable clauses kept\n"
        "\n"
        "4.1.8.2  不發脾氣: not kept\n"
        "  why         the voice is raised 1 time(s)\n"
        "  evidence    0:03.0–0:03.4 agent 「什麼」 measured 8.5 dB, threshold 6 dB\n"
        "  standard    不得用過高的語調\n"
        "  confidence  70%\n"
    )


def test_the_measures_are_told_with_all_clauses() -> None:
    told = explain(judged(measures=MEASURES), OUTLINE, None)
    assert told.split("\n\n")[1] == (
        "Measures\n"
        "  longest silence               0.4 s (0:02.6–0:03.0)\n"
        "  time on hold                  –\n"
        "  both at once                  0.7 s\n"
        "  talk share                    agent 78% (0:01); customer 22% (0:00)\n"
        "  turns                         agent 2; customer 1\n"
        "  interruptions of the other    agent 1; customer 0\n"
        "  attempts to interrupt         agent 0; customer 0\n"
        "  signs of listening            agent 0; customer 1\n"
        "  rate of speech                agent 5 syllables/s; customer –\n"
        "  wait before replies (median)  agent 0.4 s; customer –\n"
        "  0:01.8–0:02.3 interrupts: agent on customer"
    )


def test_measures_of_voices_not_told_apart_name_nobody() -> None:
    told = explain(judged(measures=UNTOLD), OUTLINE, None, "zh-Hant")
    assert told.split("\n\n")[1] == (
        "通話量測\n  最長靜默                      –\n  等候時間                      7.0 秒 (1 次)"
    )


def test_all_clauses_explained_what_failed_first() -> None:
    told = explain(judged(), OUTLINE, None, "zh-Hant")
    heads = [line for line in told.splitlines() if line.startswith("4.")]
    assert heads == [
        "4.1.7.1  道別: 不符合",
        "4.1.8.2  不發脾氣: 不符合",
        "4.2.5.1  制服: 未判定",
        "4.1.2.2  前台問候: 符合",
    ]


def test_a_clause_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        explain(judged(), OUTLINE, "4.1.7")
    assert "4.1.7.1" in caught.value.hint


def test_what_was_said_cannot_steer_the_terminal() -> None:
    told = explain(judged("\x1b[2J.wav", verdicts=[RAISED]), OUTLINE, None)
    assert told.startswith("\N{REPLACEMENT CHARACTER}[2J.wav\n")


def rendered(width: int, limit: int | None = None) -> list[str]:
    calls = [judged("早班/二樓前台.wav"), judged("[red]b.wav", None, (), flags=())]
    failure = Failure("壞.wav", "no sound in it", "a sound file", "Export it again.")
    screen = io.StringIO()
    table = night_table([brief_of(one) for one in calls], [failure], limit=limit)
    Console(file=screen, width=width, color_system=None).print(table)
    return screen.getvalue().splitlines()


def test_the_table_is_straight_however_wide_its_characters() -> None:
    lines = rendered(90)
    assert len({cell_len(line) for line in lines[1:]}) == 1
    assert [line.split("│")[1].strip() for line in lines if "│" in line] == [
        "早班/二樓前台.wav",
        "[red]b.wav",
        "壞.wav",
    ]


def test_rows_left_out_are_counted() -> None:
    assert "2 more row(s) in scores.csv" in rendered(90, limit=1)[-1]


def test_a_narrow_terminal_loses_no_name() -> None:
    assert "wav" in "".join(rendered(40))
