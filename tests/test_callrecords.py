"""calls.csv in any office's encoding; a wrong row costs what it says, never the night."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from unicodedata import normalize

import pytest
import regex

from pipeline.callrecords import RecordTable, read_call_records, record_from_name
from pipeline.errors import CallRecordError, UsageError
from pipeline.records import CallRecord, Failure

HEAD = "file,agent_id,started_at,kind,line,direction,rings,released_by,agent_channel,部門\n"
ROW = "大堂.wav,陳大文,2025-03-11T09:42:10+08:00,call,front_desk,inbound,2,customer,1,東翼\n"
RECORD = CallRecord(
    file="大堂.wav",
    agent_id="陳大文",
    started_at=datetime(2025, 3, 11, 9, 42, 10, tzinfo=timezone(timedelta(hours=8))),
    kind="call",
    line="front_desk",
    direction="inbound",
    rings=2,
    released_by="customer",
    agent_channel=1,
    tags=(("部門", "東翼"),),
)


def table(folder: Path, content: str | bytes, encoding: str = "utf-8") -> RecordTable:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    (folder / "calls.csv").write_bytes(data)
    return read_call_records(folder)


def test_no_calls_csv_says_nothing(tmp_path: Path) -> None:
    assert read_call_records(tmp_path) == RecordTable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16"])
def test_every_offices_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "大堂.wav").touch()
    assert table(tmp_path, HEAD + ROW, encoding).records == {"大堂.wav": RECORD}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "big5hkscs"])
@pytest.mark.parametrize(
    "text",
    ["陳大文，東翼大堂", "黃小姐問管理費", "李先生投訴噪音", "張主任接聽", "吳太太的停車證"],
)
def test_text_beside_plain_file_names_is_not_garbled(
    tmp_path: Path, encoding: str, text: str
) -> None:
    found = table(tmp_path, f"file,note\na.wav,{text}\n", encoding)
    assert found.records == {"a.wav": CallRecord("a.wav", tags=(("note", text),))}


@pytest.mark.parametrize("text", ["陈大文，东翼大堂", "黄小姐问管理费", "投诉噪音"])
def test_simplified_text_in_gb18030_is_not_garbled(tmp_path: Path, text: str) -> None:
    found = table(tmp_path, f"file,note\na.wav,{text}\n", "gb18030")
    assert found.records["a.wav"].tags == (("note", text),)


@pytest.mark.parametrize("agent", ["José", "Müller", "Zoë R.", "Ángel"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_accent_is_no_character(tmp_path: Path, agent: str, encoding: str) -> None:
    found = table(tmp_path, f"file,agent_id\na.wav,{agent}\n", encoding)
    assert found.records == {"a.wav": CallRecord("a.wav", agent_id=agent)}


@pytest.mark.parametrize("floor", ["2楼", "A模", "3路", "A女", "丁女"])
def test_a_lone_character_of_gb18030_is_no_accent(tmp_path: Path, floor: str) -> None:
    found = table(tmp_path, f"file,floor\na.wav,{floor}\n", "gb18030")
    assert found.records["a.wav"].tags == (("floor", floor),)


def test_a_blank_that_a_page_put_into_a_heading_is_none(tmp_path: Path) -> None:
    found = table(tmp_path, "file,kind\u00a0\na.wav,visit\n")
    assert found.records == {"a.wav": CallRecord("a.wav", kind="visit")}


def test_of_a_column_that_is_there_twice_the_filled_one_counts(tmp_path: Path) -> None:
    found = table(tmp_path, "file,kind,kind\na.wav,visit,\nb.wav,,visit\n")
    assert [one.kind for one in found.records.values()] == ["visit", "visit"]


def test_what_a_row_says_and_nobody_reads_is_told(tmp_path: Path) -> None:
    found = table(tmp_path, "file,rings,rings\na.wav,Wang,3,night,\nb.wav,3,3,,\n")
    assert found.records["a.wav"] == CallRecord("a.wav", rings=3)
    assert found.warnings == {
        "a.wav": (
            "calls.csv:2: 1 cell(s) beyond the last column were passed over",
            "calls.csv:2: column rings is there twice and says two things; the last was taken",
        ),
        "b.wav": (),
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_spreadsheets_separator_is_read(tmp_path: Path, separator: str) -> None:
    content = (HEAD + ROW).replace(",", separator)
    assert table(tmp_path, content).records == {"大堂.wav": RECORD}


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (" FILE , Agent_ID \n a.wav , A1 \n", {"a.wav": CallRecord("a.wav", "A1")}),
        ("file\r\na.wav\r\n\r\n", {"a.wav": CallRecord("a.wav")}),
        ("file\n.\\lobby\\a.wav\n", {"lobby/a.wav": CallRecord("lobby/a.wav")}),
        ("file,kind\na.wav\n", {"a.wav": CallRecord("a.wav")}),
        ("file,kind\na.wav,visit,\nb.wav,call,x,y\n", {
            "a.wav": CallRecord("a.wav", kind="visit"),
            "b.wav": CallRecord("b.wav", kind="call"),
        }),
        ('file,note\n"a, b.wav","two\nlines"\n', {
            "a, b.wav": CallRecord("a, b.wav", tags=(("note", "two\nlines"),)),
        }),
        ("file,rings\na.wav,3.0\n", {"a.wav": CallRecord("a.wav", rings=3)}),
        ("file,kind\na.wav,CALL\n", {"a.wav": CallRecord("a.wav", kind="call")}),
        (
            "file,started_at\na.wav,2025/3/11 9:42\nb.wav,2025/03/11 09:42:10\nc.wav,2025.3.11\n",
            {
                "a.wav": CallRecord("a.wav", started_at=datetime(2025, 3, 11, 9, 42)),
                "b.wav": CallRecord("b.wav", started_at=datetime(2025, 3, 11, 9, 42, 10)),
                "c.wav": CallRecord("c.wav", started_at=datetime(2025, 3, 11)),
            },
        ),
        ("sep=,\nfile,kind\na.wav,visit\n", {"a.wav": CallRecord("a.wav", kind="visit")}),
        ('"sep=;"\r\nfile;kind\r\na.wav;visit\r\n', {
            "a.wav": CallRecord("a.wav", kind="visit"),
        }),
        ("SEP=|\nfile|note\na.wav|a,b\n", {"a.wav": CallRecord("a.wav", tags=(("note", "a,b"),))}),
        ("sep=\t\nfile\tkind\na.wav\tvisit\n", {"a.wav": CallRecord("a.wav", kind="visit")}),
        ("\n,,\n  \nfile;kind\na.wav;visit\n", {"a.wav": CallRecord("a.wav", kind="visit")}),
        ("file\n", {}),
    ],
    ids=[
        "spaces and capitals",
        "line ends and a blank line",
        "Windows paths",
        "a row too short",
        "rows too long",
        "quoted cells",
        "a number as spreadsheets write it",
        "capitals in a value",
        "dates as spreadsheets write them",
        "a first line that tells the separator",
        "one in quotes",
        "one of another kind",
        "one that cannot be seen",
        "blank first lines",
        "no rows",
    ],
)  # fmt: skip
def test_what_offices_write_is_understood(
    tmp_path: Path, content: str, records: dict[str, CallRecord]
) -> None:
    found = table(tmp_path, content)
    assert (found.records, found.failures) == (records, ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-03-11 9:42", (9, 42)),
        ("2025-3-11 9:42", (9, 42)),
        ("2025-3-11T9:42", (9, 42)),
        ("2025年3月11日 9:42", (9, 42)),
        ("2025年03月11日09:42", (9, 42)),
        ("2025年3月11日", (0, 0)),
        ("2025/3/11 上午 09:42", (9, 42)),
        ("2025/3/11 下午 09:42", (21, 42)),
        ("2025/3/11 下午9:42", (21, 42)),
        ("2025年3月11日下午9:42", (21, 42)),
        ("2025/3/11 上午 12:05", (0, 5)),
        ("2025/3/11 下午 12:05", (12, 5)),
        ("2025/3/11 下午 21:42", (21, 42)),
    ],
)
def test_a_date_as_people_write_it_is_read(
    tmp_path: Path, written: str, meant: tuple[int, int]
) -> None:
    found = table(tmp_path, f"file,started_at\na.wav,{written}\n")
    assert found == RecordTable(
        {"a.wav": CallRecord("a.wav", started_at=datetime(2025, 3, 11, *meant))}, {"a.wav": ()}
    )


@pytest.mark.parametrize(
    "written", ["2025/3/119:42", "2025/3/11 上午 13:00", "2025/3/11 中午 12:00", "2025年13月1日"]
)
def test_a_date_that_can_be_none_counts_as_not_given(tmp_path: Path, written: str) -> None:
    found = table(tmp_path, f"file,started_at\na.wav,{written}\n")
    assert (found.records, len(found.warnings["a.wav"])) == ({"a.wav": CallRecord("a.wav")}, 1)


def test_a_line_keeps_its_number_below_lines_that_are_passed_over(tmp_path: Path) -> None:
    found = table(tmp_path, "sep=,\n\nfile,rings\na.wav,many\n")
    assert found.warnings == {
        "a.wav": ("calls.csv:4: rings is 'many', expected a whole number; taken as not given",)
    }


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_in_another_form_of_unicode_means_the_file(tmp_path: Path, form: str) -> None:
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    file = normalize(form, "José.wav")
    (tmp_path / "calls.csv").write_text(normalize(other, f"file,agent_id\n{file},A1\n"))
    assert read_call_records(tmp_path, [file, "a.wav"]).records == {file: CallRecord(file, "A1")}


def test_a_name_that_two_files_have_is_left_as_it_is(tmp_path: Path) -> None:
    """Å is one sign, two, or that of a unit."""
    (tmp_path / "calls.csv").write_text("file\n\u00c5.wav\n")
    files = ["A\u030a.wav", "\u212b.wav"]
    assert set(read_call_records(tmp_path, files).records) == {"\u00c5.wav"}


def test_of_two_forms_that_which_is_written_is_meant(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("file\n\u00c5.wav\n")
    files = ["A\u030a.wav", "\u00c5.wav"]
    assert set(read_call_records(tmp_path, files).records) == {"\u00c5.wav"}


@pytest.mark.parametrize("name", ["Calls.csv", "CALLS.CSV"])
def test_a_table_in_other_letters_is_read_where_there_is_no_calls_csv(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("file,agent_id\na.wav,A1\n")
    assert read_call_records(tmp_path) == RecordTable(
        {"a.wav": CallRecord("a.wav", "A1")}, {"a.wav": ()}, (), name
    )
    (tmp_path / "calls.csv").write_text("file,agent_id\na.wav,A2\n")
    assert read_call_records(tmp_path).records == {"a.wav": CallRecord("a.wav", "A2")}


def test_a_folder_in_other_letters_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "CALLS.csv").mkdir()
    assert read_call_records(tmp_path) == RecordTable()


def test_of_two_tables_in_other_letters_none_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "Calls.csv").write_text("file\na.wav\n")
    (tmp_path / "CALLS.CSV").write_text("file\nb.wav\n")
    with pytest.raises(CallRecordError) as error:
        read_call_records(tmp_path)
    assert error.value == CallRecordError(
        str(tmp_path),
        "CALLS.CSV and Calls.csv",
        "one calls.csv",
        "Correct calls.csv, or take it out of the folder.",
    )


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ("檔名,客服,日期", "檔名, 客服, 日期"),
        ("File Name,Agent 12", "file name, agent ＊＊"),
        ("王小明,a.wav,0912345678", f"＊＊＊, a.wav, {'＊' * 10}"),
        ("王小明,0912345678", f"＊＊＊, {'＊' * 10}"),
    ],
)
def test_headings_are_told_and_calls_are_not(tmp_path: Path, columns: str, shown: str) -> None:
    with pytest.raises(CallRecordError) as error:
        table(tmp_path, f"{columns}\nx,y,z\n")
    assert error.value.got == f"columns {shown}"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (
            "started_at",
            "11/3/2025",
            "a date and time as ISO 8601, such as 2025-03-11T09:42:10+08:00",
        ),
        (
            "started_at",
            "2025/2/30 9:00",
            "a date and time as ISO 8601, such as 2025-03-11T09:42:10+08:00",
        ),
        ("direction", "sideways", "one of inbound, outbound"),
        ("rings", "many", "a whole number"),
        ("rings", "-1", "a whole number"),
        ("rings", "1.5", "a whole number"),
        ("rings", "inf", "a whole number"),
        ("rings", "nan", "a whole number"),
        ("released_by", "nobody", "one of agent, customer"),
        ("agent_channel", "2", "0 or 1"),
        ("agent_channel", "left", "0 or 1"),
    ],
)
def test_a_wrong_value_counts_as_not_given_and_is_told(
    tmp_path: Path, column: str, value: str, expected: str
) -> None:
    found = table(tmp_path, f"file,{column}\na.wav,{value}\nb.wav,\n")
    assert found == RecordTable(
        {"a.wav": CallRecord("a.wav"), "b.wav": CallRecord("b.wav")},
        {
            "a.wav": (
                f"calls.csv:2: {column} is {value!r}, expected {expected}; taken as not given",
            ),
            "b.wav": (),
        },
    )


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("kind", "parcel", "one of call, visit, home_visit"),
        ("line", "back door", "one of front_desk, office"),
    ],
)
def test_a_row_that_would_be_judged_by_the_wrong_clauses_is_refused(
    tmp_path: Path, column: str, value: str, expected: str
) -> None:
    found = table(tmp_path, f"file,{column}\n\nb.wav,\na.wav,{value}\n")
    assert found.failures == (
        Failure(
            "a.wav",
            f"calls.csv:4: {column} is {value!r}",
            expected,
            "Correct the row and run again.",
        ),
    )
    assert found.refused == {"a.wav"}


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("rings", "0912345678", "＊" * 10),
        ("kind", "王小明0912345678", "＊" * 13),
        ("kind", "0912-345-678", "＊" * 12),
        ("started_at", "0912345678", "＊" * 10),
        ("line", "wang@example.com", "＊" * 16),
    ],
)
def test_a_wrong_value_that_may_be_somebodys_is_not_told(
    tmp_path: Path, column: str, value: str, shown: str
) -> None:
    found = table(tmp_path, f"file,{column}\na.wav,{value}\n")
    told = [*found.warnings["a.wav"], *(failure.got for failure in found.failures)]
    assert [text.split(",")[0] for text in told] == [f"calls.csv:2: {column} is '{shown}'"]


def test_the_call_at_the_head_of_a_table_without_headings_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(CallRecordError) as error:
        table(tmp_path, "a.wav,王小明,0912345678\n")
    assert error.value.got == f"columns a.wav, ＊＊＊, {'＊' * 10}"


def test_a_repeated_file_counts_once_and_is_told(tmp_path: Path) -> None:
    found = table(tmp_path, "file,agent_id\na.wav,A1\na.wav,A2\n")
    assert found == RecordTable(
        {"a.wav": CallRecord("a.wav", "A1")},
        {"a.wav": ("calls.csv:3: a second row for this file was passed over",)},
    )


def test_a_row_without_a_file_is_named(tmp_path: Path) -> None:
    found = table(tmp_path, "file,agent_id\n,A1\na.wav,A2\n")
    assert found.failures == (
        Failure("calls.csv:2", "no file name", "a file name", "Fill in `file`."),
    )
    assert set(found.records) == {"a.wav"}


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "columns none"),
        (b"name,agent\na.wav,A1\n", "columns name, agent"),
        (b'file,note\na.wav,"never closed\n', "not a table (line 2: unexpected end of data)"),
        (b"\xff\xfd\xfe\xff", "a file in no encoding we know"),
    ],
)
def test_a_file_that_is_no_table_is_said(tmp_path: Path, content: bytes, got: str) -> None:
    with pytest.raises(CallRecordError) as error:
        table(tmp_path, content)
    assert error.value == CallRecordError(
        str(tmp_path / "calls.csv"),
        got,
        "a CSV with at least the column `file`, in UTF-8, GB18030 or Big5",
        "Correct calls.csv, or take it out of the folder.",
    )


@pytest.mark.parametrize("kind", ["folder", "dangling link"])
def test_a_calls_csv_that_cannot_be_read_is_said(tmp_path: Path, kind: str) -> None:
    if kind == "folder":
        (tmp_path / "calls.csv").mkdir()
    else:
        (tmp_path / "calls.csv").symlink_to("nowhere")
    with pytest.raises(CallRecordError) as error:
        read_call_records(tmp_path)
    assert error.value.expected == "a readable file"


PATTERN = regex.compile(r"(?P<agent_id>A\d+)_(?P<started_at>\d{8}T\d{4})(_(?P<site>\w+))?\.")


def test_a_files_name_can_tell_as_much() -> None:
    assert record_from_name("lobby/A07_20250311T0942_east.wav", PATTERN) == (
        CallRecord(
            "lobby/A07_20250311T0942_east.wav",
            "A07",
            datetime(2025, 3, 11, 9, 42),
            tags=(("site", "east"),),
        ),
        (),
        None,
    )


def test_a_name_that_does_not_fit_is_told() -> None:
    assert record_from_name("a.wav", PATTERN) == (
        CallRecord("a.wav"),
        (f"the name does not fit the pattern {PATTERN.pattern}",),
        None,
    )


def test_a_wrong_date_in_a_name_is_told() -> None:
    record, doubts, refused = record_from_name("A07_20251341T0942.wav", PATTERN)
    assert (record, refused) == (CallRecord("A07_20251341T0942.wav", "A07"), None)
    assert doubts == (
        "the file's name: started_at is '20251341T0942', expected a date and time as ISO 8601, "
        "such as 2025-03-11T09:42:10+08:00; taken as not given",
    )


def test_a_wrong_kind_in_a_name_refuses_the_file_as_a_row_would() -> None:
    pattern = regex.compile(r"(?P<kind>\w+)-")
    _, _, refused = record_from_name("chat-1.wav", pattern)
    assert refused is not None
    assert (refused.file, refused.got) == ("chat-1.wav", "the file's name: kind is 'chat'")


OUTSIDE = [
    "../b.wav",
    "a/../../b.wav",
    "/etc/passwd",
    r"..\b.wav",
    r"C:\calls\b.wav",
    "s3://x/b.wav",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_row_cannot_name_what_lies_outside_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    (tmp_path / "b.wav").write_bytes(b"x")
    assert table(folder, f"file\n{name}\n") == RecordTable(
        {},
        {},
        (
            Failure(
                name.replace("\\", "/"),
                "calls.csv:2: a path that leads out of the folder",
                "the file's path from calls.csv, in its folder or below",
                "Correct the name, or bring the file.",
            ),
        ),
    )


def test_what_lies_outside_the_folder_is_one_entry_however_often_it_is_named(
    tmp_path: Path,
) -> None:
    assert table(tmp_path, "file\n../b.wav\na.wav\n../b.wav\n").failures == (
        Failure(
            "../b.wav",
            "calls.csv:2, 4: a path that leads out of the folder",
            "the file's path from calls.csv, in its folder or below",
            "Correct the name, or bring the file.",
        ),
    )


def test_a_calls_csv_that_is_a_link_to_another_file_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    (tmp_path / "secret").write_text("root:x:0\n")
    (folder / "calls.csv").symlink_to("../secret")
    with pytest.raises(CallRecordError) as error:
        read_call_records(folder)
    assert error.value == CallRecordError(
        str(folder / "calls.csv"),
        "a link to a file elsewhere",
        "a file in the folder itself",
        "Correct calls.csv, or take it out of the folder.",
    )


def test_a_calls_csv_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "calls.csv").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(CallRecordError) as error:
        read_call_records(tmp_path)
    assert error.value.got == "more than 64 MB"


@pytest.mark.parametrize("rings", ["1e308", "inf", "nan", "1000", "-1", "9" * 400])
def test_absurd_numbers_of_rings_count_as_not_given(tmp_path: Path, rings: str) -> None:
    said = table(tmp_path, f"file,rings\na.wav,{rings}\n")
    assert said.records == {"a.wav": CallRecord("a.wav")}
    assert len(said.warnings["a.wav"]) == 1


def test_no_cell_holds_what_a_database_does_not_take(tmp_path: Path) -> None:
    said = table(tmp_path, "file,agent_id\na.wav,A\0 07\0\n")
    assert said.records == {"a.wav": CallRecord("a.wav", agent_id="A 07")}


def test_a_pattern_that_never_ends_is_said() -> None:
    with pytest.raises(UsageError) as error:
        record_from_name("a" * 60 + ".wav", regex.compile(r"(?P<agent_id>(a|a)+)$"))
    assert error.value.where == "--name-pattern"
    assert "which takes more than 1 s over" in error.value.got
