"""A call's document restores the call, and no two recordings share one."""

from __future__ import annotations

import json
from dataclasses import is_dataclass, replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OutputError
from pipeline.records import Judged, Loudness, from_json, to_plain
from pipeline.show.documents import document, document_paths, write_document
from pipeline.show.files import written_whole

from .build import MEASURES, judged


def test_a_document_restores_its_call(tmp_path: Path) -> None:
    curve = Loudness(500, ((-26, -60), (-61, -61)))
    one = judged("早班/0001.wav", tags=(("分機", "8001"),), measures=MEASURES, loudness=curve)
    write_document(tmp_path / "calls/早班/0001.json", one)
    told = json.loads((tmp_path / "calls/早班/0001.json").read_text(encoding="utf-8"))
    assert list(told) == [
        "schema", "file", "score", "transcript", "measures", "scorecard", "call",
    ]  # fmt: skip
    assert told["measures"]["agent"]["talk_share"] == 0.7778
    assert told["transcript"][1] == {
        "start_ms": 2200,
        "end_ms": 2600,
        "role": "customer",
        "text": "漏水",
    }
    parts = {key: told[key] for key in ("call", "scorecard", "measures")}
    assert from_json(Judged, json.dumps(parts)) == one


@pytest.mark.parametrize("file", ["0001.wav", "\udce4.wav"])
@pytest.mark.parametrize("share", [0.5, 5e-05, 1e-7, 1e16, 0.0, 123456.0])
def test_a_document_is_written_as_python_writes_json(
    tmp_path: Path, file: str, share: float
) -> None:
    agent = replace(MEASURES.agent, talk_share=share) if MEASURES.agent else None
    tags = (("空", ""), ("\t", '"\\/\x7f'), ("\x01\u2028", "0.00001 3e5"))
    one = judged(file, measures=replace(MEASURES, agent=agent), tags=tags)
    write_document(tmp_path / "a.json", one)
    plain = {
        key: to_plain(value) if is_dataclass(value) else value
        for key, value in document(one).items()
    }
    whole = json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    assert (tmp_path / "a.json").read_bytes() == whole.encode(errors="backslashreplace")


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        (["1.wav", "1.mp3"], ["calls/1.wav.json", "calls/1.mp3.json"]),
        (["x.json/y.wav", "x.wav"], ["calls/x.json~73f44f86e6f7/y.json", "calls/x.json"]),
        (["X.JSON/y.wav"], ["calls/X.JSON~f119ba8169c4/y.json"]),
        (["am/1.wav", "pm/1.wav"], ["calls/am/1.json", "calls/pm/1.json"]),
        (
            ["1.wav", "1.mp3", "1.wav.wav"],
            ["calls/1.wav.json", "calls/1.mp3.json", "calls/1.wav.wav.json"],
        ),
        (["../1.wav", "/etc/2.wav"], ["calls/_/1.json", "calls/etc/2.json"]),
    ],
)
def test_where_documents_lie(files: list[str], paths: list[str]) -> None:
    assert [str(path) for path in document_paths(files).values()] == paths


NAMES = st.lists(st.from_regex(r"[ab](\.[ab]){0,3}", fullmatch=True), unique=True)


@given(files=NAMES)
def test_no_two_recordings_share_a_document(files: list[str]) -> None:
    paths = document_paths(files)
    assert len(set(paths.values())) == len(files)
    assert {path.parent for path in paths.values()} <= {PurePosixPath("calls")}


def test_a_file_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "calls").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        write_document(tmp_path / "calls/0001.json", judged())
    assert caught.value.where == str(tmp_path / "calls/0001.json")
    assert "choose another output folder" in caught.value.hint


def test_a_folder_in_the_way_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError), written_whole(tmp_path / "report.html") as file:
        file.write("x")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_takes_no_folders_is_an_output_error() -> None:
    with pytest.raises(OutputError), written_whole(Path("/proc/callqa/report.html")):
        pass


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), written_whole(path) as file:
        file.write("half")
        raise ZeroDivisionError
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("scores.csv", "old")]


def test_a_name_too_long_for_a_document_is_cut_and_stays_its_own() -> None:
    first, second = "長" * 82 + "1.wav", "長" * 82 + "2.wav"
    paths = document_paths([first, second])
    assert paths[first] != paths[second]
    assert all(len(path.name.encode()) <= 220 for path in paths.values())
