"""The workbook for people: what is in its cells, how it looks, and what a cell may never do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from pipeline.errors import OutputError
from pipeline.export import Order, export
from pipeline.export.columns import SHEETS
from pipeline.export.totals import Totals
from pipeline.export.workbook import Workbook
from pipeline.show.files import PART
from pipeline.show.language import Language
from pipeline.store import Store
from pipeline.store.extract import Wanted
from tests.export.made import NUMBER, ONE, THREE, TWO, keep
from tests.show.build import OUTLINE, judged

TITLES = {clause.id: clause.title for clause in OUTLINE.clauses}
ODD = judged("quote.wav", 45.0, agent_id="+A01")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'callqa.db'}") as opened:
        keep(opened, [ONE, TWO, THREE, ODD])
        yield opened


def written(store: Store, tmp_path: Path, language: Language = "zh-Hant", **more: Any) -> Path:
    order = Order(Wanted(OUTLINE.id), language=language, titles=TITLES, **more)
    export(store, order, tmp_path / "night.xlsx", "xlsx")
    return tmp_path / "night.xlsx"


def rows(sheet: Any, columns: int) -> list[tuple[Any, ...]]:
    return [tuple(row[:columns]) for row in sheet.iter_rows(values_only=True)]


def test_the_sheets_have_chinese_names_or_english_ones(store: Store, tmp_path: Path) -> None:
    assert openpyxl.load_workbook(written(store, tmp_path)).sheetnames == [
        "總覽",
        "通話",
        "判定",
        "客服人員",
    ]
    assert openpyxl.load_workbook(written(store, tmp_path, "en")).sheetnames == [
        "Summary",
        "Calls",
        "Verdicts",
        "Agents",
    ]


def test_calls_are_dates_numbers_and_names(store: Store, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(store, tmp_path))["通話"]
    assert rows(sheet, 15) == [
        ("檔案", "日期", "開始時間", "客服人員", "類別", "線路", "方向", "長度（秒）", "分數",
         "符合條數", "適用條數", "符合率", "未判定條數", "不符合條文", "標記"),
        ("3.wav", datetime(2026, 3, 2), datetime(2026, 3, 2, 9, 30), "A09", "來電", "前台線路",
         None, 9, None, 0, 0, None, 0, None, "無人說話"),
        ("=2.wav", datetime(2026, 3, 2), datetime(2026, 3, 2, 9, 30), None, "來電", "前台線路",
         None, 9, 100, 1, 1, 1, 0, None, None),
        ("lobby/1.wav", datetime(2026, 3, 2), datetime(2026, 3, 2, 9, 30), "A07", "來電",
         "前台線路", None, 9, 80, 1, 3, 0.3333, 1, "4.1.7.1;4.1.8.2", "重大缺失"),
        ("quote.wav", datetime(2026, 3, 2), datetime(2026, 3, 2, 9, 30), "+A01", "來電",
         "前台線路", None, 9, 45, 1, 3, 0.3333, 1, "4.1.7.1;4.1.8.2", "重大缺失"),
    ]  # fmt: skip
    looks = {cell.column_letter: cell.number_format for cell in sheet[4] if cell.value is not None}
    assert (looks["B"], looks["C"], looks["I"], looks["L"]) == (
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm",
        "0.0",
        "0.0%",
    )


def test_every_row_says_what_made_it(store: Store, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(store, tmp_path))
    for name in ("通話", "判定"):
        headings, *found = book[name].iter_rows(values_only=True)
        for row in found:
            told = dict(zip(headings, row, strict=True))
            assert len(told["錄音 SHA-256"]) == 64
            assert (told["辨識引擎"], told["模型"]) == ("faster-whisper", "base")
            assert told["聽取時間（UTC）"] == datetime(2026, 3, 9, 20, 15)
            assert told["規範 SHA-256"] == OUTLINE.sha256


def test_headings_stay_filters_are_set_and_verdicts_have_colours(
    store: Store, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(written(store, tmp_path))
    assert [(book[name].freeze_panes, book[name].auto_filter.ref) for name in book.sheetnames] == [
        (None, None),
        ("B2", "A1:AC5"),
        ("C2", "A1:AB10"),
        ("B2", "A1:T5"),
    ]
    rules = {
        name: [
            (str(span.sqref), rule.type, rule.formula)
            for span in book[name].conditional_formatting
            for rule in span.rules
        ]
        for name in book.sheetnames
    }
    assert rules == {
        "總覽": [],
        "通話": [("I2:I5", "colorScale", [])],
        "判定": [
            ("D2:D10", "cellIs", ['"不符合"']),
            ("D2:D10", "cellIs", ['"符合"']),
            ("D2:D10", "cellIs", ['"未判定"']),
        ],
        "客服人員": [("D2:D5", "colorScale", []), ("E2:E5", "colorScale", [])],
    }
    assert book["判定"].column_dimensions["F"].width > 40


def test_nothing_that_was_said_becomes_a_formula_or_a_link(store: Store, tmp_path: Path) -> None:
    path = written(store, tmp_path, unmasked=True)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d", "inlineStr"}
            assert [cell.hyperlink for cell in row if cell.hyperlink] == []
    assert "=1+1" in {cell.value for cell in book["判定"]["J"]}
    with ZipFile(path) as packed:
        sheets = [packed.read(n) for n in packed.namelist() if n.startswith("xl/worksheets/")]
    assert [b"<f>" in sheet for sheet in sheets if b"<row" in sheet] == [False] * 4


def test_personal_data_is_masked_unless_asked_otherwise(store: Store, tmp_path: Path) -> None:
    def text(path: Path) -> str:
        with ZipFile(path) as packed:
            return "".join(packed.read(name).decode() for name in packed.namelist())

    assert NUMBER not in text(written(store, tmp_path))
    assert NUMBER in text(written(store, tmp_path, unmasked=True))


def test_the_summary_adds_up(store: Store, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(store, tmp_path))["總覽"]
    found = rows(sheet, 5)
    figures = {row[0]: row[1] for row in found[2:14]}
    assert figures == {
        "通話數": 4,
        "有分數": 3,
        "平均分數": 75,
        "條文符合率": pytest.approx(3 / 7),
        "重大缺失通數": 2,
        "錄音總長（小時）": 0.01,
        "客服人員數": 3,
        "逐字稿已刪除": 0,
        "最早日期": datetime(2026, 3, 2),
        "最晚日期": datetime(2026, 3, 2),
        "篩選條件": "全部",
        "個人資料": "已遮蔽",
    }
    at = next(place for place, row in enumerate(found) if row[0] == "分數分布")
    scores = {row[0]: row[1] for row in found[at + 2 : at + 2 + 12]}
    assert {label: calls for label, calls in scores.items() if calls} == {
        "45–49": 1,
        "80–84": 1,
        "100": 1,
    }
    at = next(place for place, row in enumerate(found) if row[0] == "最常不符合的條文")
    assert found[at + 1 :] == [
        ("條文", "名稱", "不符合通數", "已判定通數", "不符合率"),
        ("4.1.7.1", "道別", 2, 2, 1),
        ("4.1.8.2", "不發脾氣", 2, 2, 1),
    ]


def test_the_summary_has_a_chart_of_scores_and_one_of_clauses(store: Store, tmp_path: Path) -> None:
    with ZipFile(written(store, tmp_path)) as packed:
        charts = [packed.read(f"xl/charts/chart{n}.xml").decode() for n in (1, 2)]
        assert "xl/charts/chart3.xml" not in packed.namelist()
    assert ['barDir val="col"' in one for one in charts] == [True, False]
    assert ["<c:v>4.1.8.2</c:v>" in one for one in charts] == [False, True]


def test_filters_are_told(store: Store, tmp_path: Path) -> None:
    order = Order(Wanted(OUTLINE.id, below=50.0), failed=("4.1.8.2",))
    export(store, order, tmp_path / "low.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "low.xlsx")["總覽"]
    told = {row[0]: row[1] for row in rows(sheet, 2)}
    assert told["篩選條件"] == "--below 50 --failed 4.1.8.2"
    assert told["通話數"] == 1


def test_a_store_without_such_calls_gives_headings(store: Store, tmp_path: Path) -> None:
    order = Order(Wanted(OUTLINE.id, below=1.0))
    export(store, order, tmp_path / "none.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "none.xlsx")
    assert [sheet.max_row for sheet in book][1:] == [1, 1, 1]
    assert book["通話"].max_column == len(SHEETS[0].columns)


def test_more_rows_than_a_sheet_holds_are_said(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.export.workbook.MOST_ROWS", 5)
    with pytest.raises(OutputError) as error:
        written(store, tmp_path)
    assert (error.value.got, error.value.expected) == (
        "more verdicts than a sheet holds",
        "at most 4 rows",
    )
    assert [path.name for path in tmp_path.iterdir() if "db" not in path.name] == []


def test_what_a_killed_export_leaves_is_swept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[list[Path]] = []
    real = Workbook.finish

    def finish(book: Workbook, totals: Totals) -> None:
        left.append(list(tmp_path.glob(".callqa-*")))
        real(book, totals)

    monkeypatch.setattr(Workbook, "finish", finish)
    written(store, tmp_path)
    assert [[path.match(PART) for path in paths] for paths in left] == [[True, True]]
    assert list(tmp_path.glob(".callqa-*")) == []


def test_control_characters_and_long_texts_leave_a_workbook_that_opens(
    store: Store, tmp_path: Path
) -> None:
    card = replace(ODD.scorecard, flags=("bell\x07 \x1b[31m", "x" * 40_000))
    store.keep_scorecards([card])
    sheet = openpyxl.load_workbook(written(store, tmp_path))["通話"]
    # openpyxl shows Excel's way of writing control characters as it is
    left = 32_767 - len("bell\x07 \x1b[31m;")
    assert sheet["O5"].value == "bell_x0007_ _x001B_[31m;" + "x" * left
