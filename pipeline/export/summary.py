"""The workbook's first sheet: totals, how scores lie, what fails most often, and what made all that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline import __version__
from pipeline.export.columns import Value
from pipeline.export.totals import Totals
from pipeline.show.language import Language, Text
from pipeline.show.night import bins_of

TITLE = Text("總覽", "Summary")
MOST_FAILED = 15
"""Clauses listed: more do not fit a chart."""

CHART_COLUMN = 5
CHART_ROWS = 16

WORDS: dict[str, Text] = {
    "title": Text("接待評核匯出", "Export of reception scores"),
    "calls": Text("通話數", "Calls"),
    "scored": Text("有分數", "With a score"),
    "mean": Text("平均分數", "Mean score"),
    "kept": Text("條文符合率", "Clauses kept"),
    "critical": Text("重大缺失通數", "Critical calls"),
    "hours": Text("錄音總長（小時）", "Recordings (hours)"),
    "agents": Text("客服人員數", "Agents"),
    "purged": Text("逐字稿已刪除", "Words purged"),
    "first": Text("最早日期", "First day"),
    "last": Text("最晚日期", "Last day"),
    "standard": Text("規範", "Standard"),
    "standard_sha256": Text("規範 SHA-256", "Standard SHA-256"),
    "judged_version": Text("判定版本", "Judged by callqa"),
    "engine": Text("辨識引擎", "Engine"),
    "model": Text("模型", "Model"),
    "weights_sha256": Text("模型 SHA-256", "Weights SHA-256"),
    "chosen": Text("篩選條件", "Chosen by"),
    "everything": Text("全部", "everything"),
    "personal": Text("個人資料", "Personal data"),
    "masked": Text("已遮蔽", "masked"),
    "unmasked": Text("未遮蔽", "not masked"),
    "exported": Text("匯出版本", "Exported by callqa"),
    "distribution": Text("分數分布", "Scores"),
    "points": Text("分數", "Points"),
    "most_failed": Text("最常不符合的條文", "Clauses most often not kept"),
    "clause": Text("條文", "Clause"),
    "name": Text("名稱", "Title"),
    "failed": Text("不符合通數", "Calls that failed"),
    "judged": Text("已判定通數", "Calls judged"),
    "share": Text("不符合率", "Share failed"),
}

MADE = ("standard", "standard_sha256", "judged_version", "engine", "model", "weights_sha256")


@dataclass(frozen=True, slots=True)
class About:
    """What the summary says besides totals: clause titles, filters as asked for, masked or not."""

    titles: Mapping[str, str]
    chosen: str
    masked: bool


class Summary:
    """The sheet is made first, so that it stands first, and written last."""

    def __init__(self, book: Any, language: Language, about: About) -> None:
        self._book, self._language, self._about = book, language, about
        self._sheet = book.add_worksheet(TITLE.to(language))
        for place, width in enumerate((22, 34, 14, 14, 12)):
            self._sheet.set_column(place, place, width)
        self._bold = book.add_format({"bold": True})
        self._large = book.add_format({"bold": True, "font_size": 16})
        self._looks = {
            name: book.add_format({"num_format": number, "align": "left"})
            for name, number in (("day", "yyyy-mm-dd"), ("0.0", "0.0"), ("0.0%", "0.0%"))
        }
        self._row = 0

    def write(self, totals: Totals) -> None:
        """Everything of it, from the top down: rows written are not held."""
        self._sheet.write_string(0, 0, self._say("title"), self._large)
        self._row = 2
        self._figures(totals)
        self._distribution(totals)
        self._most_failed(totals)

    def _say(self, word: str) -> str:
        return WORDS[word].to(self._language)

    def _figures(self, totals: Totals) -> None:
        one = totals.all
        agents = sum(agent is not None for agent in totals.by_agent)
        self._line("calls", one.calls)
        self._line("scored", one.scored)
        self._line("mean", one.mean_score, "0.0")
        self._line("kept", one.kept_share, "0.0%")
        self._line("critical", one.critical)
        self._line("hours", one.duration_ms / 3_600_000, "0.0")
        self._line("agents", agents)
        self._line("purged", one.purged)
        self._line("first", one.first, "day")
        self._line("last", one.last, "day")
        self._line("chosen", self._about.chosen or self._say("everything"))
        self._line("personal", self._say("masked" if self._about.masked else "unmasked"))
        for name in MADE:
            self._line(name, one.joined(name))
        self._line("exported", __version__)

    def _line(self, word: str, value: Value, look: str | None = None) -> None:
        self._sheet.write_string(self._row, 0, self._say(word), self._bold)
        self._cell(1, value, look)
        self._row += 1

    def _cell(self, place: int, value: Value, look: str | None = None) -> None:
        style = self._looks[look] if look else None
        if isinstance(value, str):
            self._sheet.write_string(self._row, place, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._row, place, value, style or self._left)
        elif value is not None:
            self._sheet.write_datetime(self._row, place, value, style)

    @property
    def _left(self) -> Any:
        return self._book.add_format({"align": "left"})

    def _headings(self, title: str, *words: str) -> None:
        self._row += 1
        self._sheet.write_string(self._row, 0, self._say(title), self._large)
        self._row += 1
        for place, word in enumerate(words):
            self._sheet.write_string(self._row, place, self._say(word), self._bold)
        self._row += 1

    def _distribution(self, totals: Totals) -> None:
        self._headings("distribution", "points", "calls")
        first = self._row
        scores = Counter(totals.all.scores)
        bins = bins_of(scores.elements())
        for one in bins:
            self._cell(0, one.label)
            self._cell(1, one.calls)
            self._row += 1
        labels, counts = [one.label for one in bins], [one.calls for one in bins]
        self._chart("column", "distribution", 2, first, (0, labels), (1, counts))

    def _most_failed(self, totals: Totals) -> None:
        self._headings("most_failed", "clause", "name", "failed", "judged", "share")
        first, failed = self._row, totals.most_failed()[:MOST_FAILED]
        for clause, count, judged in failed:
            self._cell(0, clause)
            self._cell(1, self._about.titles.get(clause))
            self._cell(2, count)
            self._cell(3, judged)
            self._cell(4, count / judged, "0.0%")
            self._row += 1
        if failed:
            clauses, counts = [one[0] for one in failed], [one[1] for one in failed]
            at = 3 + CHART_ROWS
            self._chart("bar", "most_failed", at, first, (0, clauses), (2, counts))

    def _chart(
        self,
        kind: str,
        title: str,
        at: int,
        first: int,
        names: tuple[int, list[str]],
        values: tuple[int, list[int]],
    ) -> None:
        """A chart of rows from ``first`` on; it carries their values, which are not read back."""
        last, sheet = first + len(names[1]) - 1, TITLE.to(self._language)
        chart = self._book.add_chart({"type": kind})
        chart.add_series(
            {
                "name": self._say("calls" if kind == "column" else "failed"),
                "categories": [sheet, first, names[0], last, names[0]],
                "values": [sheet, first, values[0], last, values[0]],
                "categories_data": names[1],
                "values_data": values[1],
                "fill": {"color": "#1F3A5F"},
                "gap": 40,
            }
        )
        chart.set_title({"name": self._say(title), "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        else:
            chart.set_x_axis({"name": self._say("points")})
        chart.set_size({"width": 560, "height": CHART_ROWS * 20 - 10})
        self._sheet.insert_chart(at, CHART_COLUMN, chart)
