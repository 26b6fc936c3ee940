"""What was odd about a recording is told in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.listen.speakers import with_roles
from pipeline.records import Call, Utterance
from pipeline.show.notes import note


@pytest.mark.parametrize(
    ("warning", "said"),
    [
        (
            "truncated: the header promises 192044 bytes, the file has 96044",
            "錄音不完整：檔頭註明 192044 位元組，檔案只有 96044",
        ),
        ("2 streams of sound: only the first was heard", "檔案裡有 2 條音軌，只聽了第一條"),
        (
            "6 channels, of which 1 and 4 carry sound: taken as stereo",
            "6 個聲道中聲道 1 與 4 有聲音，當作雙聲道",
        ),
        (
            "call record: calls.csv:4: rings is 'many', expected a whole number; taken as not given",
            "通話紀錄（calls.csv:4）的 rings 為 'many'，應為 整數；當作沒有填",
        ),
        (
            "call record: calls.csv:4: direction is 'up', expected one of inbound, outbound; "
            "taken as not given",
            "通話紀錄（calls.csv:4）的 direction 為 'up'，應為 其中之一：inbound, outbound；當作沒有填",
        ),
        ("something that a later version will say", "something that a later version will say"),
    ],
)
def test_a_warning_in_chinese(warning: str, said: str) -> None:
    assert note(warning, "zh-Hant") == said
    assert note(warning, "en") == warning


def roles_of(call: Call, **changed: object) -> tuple[str, ...]:
    return with_roles(replace(call, **changed), call.recording).warnings  # type: ignore[arg-type]


def test_all_that_is_odd_about_roles_is_told() -> None:
    clear = call_of(dialogue([{"agent": "您好，物業管理處。"}, {"customer": "我家漏水，要報修。"}]))
    vague = call_of(dialogue([{"agent": "嗯。"}, {"customer": "嗯。"}]))
    one = Utterance("unknown", 0, clear.utterances[0].words)
    warnings = [
        *roles_of(clear),
        *roles_of(vague),
        *roles_of(clear, channels=1, utterances=(one,), speech=()),
    ]
    assert len(warnings) == 3
    assert [one for one in warnings if note(one, "zh-Hant") == one] == []
