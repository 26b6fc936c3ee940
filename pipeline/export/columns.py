"""The tables that are exported: their columns, what kind of value each holds, what readers call it.

Names of columns are a contract; new ones are added behind. A value is ``None`` where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pipeline.show.language import Text

Kind = Literal["text", "status", "number", "whole", "score", "share", "day", "clock", "moment"]
"""``score`` is of 100, ``share`` of 1; ``day`` a date, ``clock`` ISO 8601 as somebody wrote it, by their own
clock, ``moment`` a time in UTC."""

Value = str | float | int | date | datetime | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` is in the workbook, in characters of Latin script."""

    name: str
    kind: Kind
    title: Text
    width: int = 12


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``title`` names its sheet; ``frozen`` columns stay when one scrolls to the right."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    frozen: int = 1


def _column(name: str, kind: Kind, zh_hant: str, en: str, width: int = 12) -> Column:
    return Column(name, kind, Text(zh_hant, en), width)


MADE_BY = (
    _column("recording_sha256", "text", "錄音 SHA-256", "Recording SHA-256", 18),
    _column("engine", "text", "辨識引擎", "Engine", 16),
    _column("model", "text", "模型", "Model", 10),
    _column("weights_sha256", "text", "模型 SHA-256", "Weights SHA-256", 18),
    _column("callqa_version", "text", "聽取版本", "Heard by callqa", 10),
    _column("listened_at", "moment", "聽取時間（UTC）", "Heard at (UTC)", 17),
    _column("heard_run", "text", "聽取批次", "Heard in run", 18),
    _column("standard", "text", "規範", "Standard", 20),
    _column("standard_sha256", "text", "規範 SHA-256", "Standard SHA-256", 18),
    _column("judged_version", "text", "判定版本", "Judged by callqa", 10),
    _column("judged_at", "moment", "判定時間（UTC）", "Judged at (UTC)", 17),
    _column("judged_run", "text", "判定批次", "Judged in run", 18),
)
"""What made a row: which sound, what listened, by which standard it was judged."""

CALLS = Table(
    "calls",
    Text("通話", "Calls"),
    (
        _column("file", "text", "檔案", "File", 30),
        _column("day", "day", "日期", "Day", 12),
        _column("started_at", "clock", "開始時間", "Started", 17),
        _column("agent_id", "text", "客服人員", "Agent", 12),
        _column("kind", "text", "類別", "Kind", 10),
        _column("line", "text", "線路", "Line", 12),
        _column("direction", "text", "方向", "Direction", 12),
        _column("duration_s", "number", "長度（秒）", "Length (s)", 11),
        _column("score", "score", "分數", "Score", 8),
        _column("passed", "whole", "符合條數", "Kept", 10),
        _column("applicable", "whole", "適用條數", "Applicable", 10),
        _column("passed_share", "share", "符合率", "Share kept", 10),
        _column("unjudged", "whole", "未判定條數", "Not judged", 11),
        _column("failed_clauses", "text", "不符合條文", "Clauses not kept", 28),
        _column("flags", "text", "標記", "Flags", 20),
        _column("situations", "text", "事由", "About", 18),
        _column("words", "text", "逐字稿", "Transcript", 10),
        *MADE_BY,
    ),
)
"""``words`` is ``kept``, or ``purged`` where retention has taken what was said."""

VERDICTS = Table(
    "verdicts",
    Text("判定", "Verdicts"),
    (
        _column("file", "text", "檔案", "File", 30),
        _column("clause", "text", "條文", "Clause", 10),
        _column("title", "text", "條文名稱", "Title", 30),
        _column("status", "status", "判定", "Ruling", 10),
        _column("confidence", "share", "信心", "Confidence", 10),
        _column("reason", "text", "原因", "Reason", 48),
        _column("start_s", "number", "開始（秒）", "From (s)", 11),
        _column("end_s", "number", "結束（秒）", "To (s)", 11),
        _column("role", "text", "說話人", "Voice", 10),
        _column("quote", "text", "引述", "Quote", 30),
        _column("measured", "number", "測得", "Measured", 10),
        _column("threshold", "number", "門檻", "Threshold", 10),
        _column("unit", "text", "單位", "Unit", 10),
        _column("day", "day", "日期", "Day", 12),
        _column("agent_id", "text", "客服人員", "Agent", 12),
        _column("reason_code", "text", "原因代碼", "Reason code", 18),
        *MADE_BY,
    ),
    frozen=2,
)

UTTERANCES = Table(
    "utterances",
    Text("逐字稿", "Transcript"),
    (
        _column("file", "text", "檔案", "File", 30),
        _column("number", "whole", "次序", "Number", 8),
        _column("start_s", "number", "開始（秒）", "From (s)", 11),
        _column("end_s", "number", "結束（秒）", "To (s)", 11),
        _column("role", "text", "說話人", "Voice", 10),
        _column("channel", "whole", "聲道", "Channel", 8),
        _column("text", "text", "內容", "Text", 60),
        _column("probability", "share", "辨識信心", "Probability", 10),
        *MADE_BY,
    ),
)
"""``number`` counts a call's utterances from 1, in order of time."""

AGENTS = Table(
    "agents",
    Text("客服人員", "Agents"),
    (
        _column("agent_id", "text", "客服人員", "Agent", 16),
        _column("calls", "whole", "通數", "Calls", 8),
        _column("scored", "whole", "有分數通數", "Scored", 11),
        _column("mean_score", "score", "平均分數", "Mean score", 10),
        _column("lowest_score", "score", "最低分數", "Lowest score", 10),
        _column("critical", "whole", "重大缺失", "Critical", 10),
        _column("passed", "whole", "符合條數", "Kept", 10),
        _column("applicable", "whole", "適用條數", "Applicable", 10),
        _column("passed_share", "share", "符合率", "Share kept", 10),
        _column("often_failed", "text", "最常不符合", "Most often not kept", 40),
        _column("first_day", "day", "最早日期", "First day", 12),
        _column("last_day", "day", "最晚日期", "Last day", 12),
        _column("engine", "text", "辨識引擎", "Engine", 16),
        _column("model", "text", "模型", "Model", 10),
        _column("weights_sha256", "text", "模型 SHA-256", "Weights SHA-256", 18),
        _column("callqa_version", "text", "聽取版本", "Heard by callqa", 10),
        _column("standard", "text", "規範", "Standard", 20),
        _column("standard_sha256", "text", "規範 SHA-256", "Standard SHA-256", 18),
        _column("judged_version", "text", "判定版本", "Judged by callqa", 10),
        _column("judged_run", "text", "判定批次", "Judged in run", 18),
    ),
)
"""One row an agent; calls that name none are the row without ``agent_id``. What made several calls stands
in one cell, joined by ``;``."""

TABLES = (CALLS, VERDICTS, UTTERANCES, AGENTS)
SHEETS = (CALLS, VERDICTS, AGENTS)
"""What of them a workbook holds, behind its summary."""
