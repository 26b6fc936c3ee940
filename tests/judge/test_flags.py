"""What a manager sees first of a call: flags of what is in doubt, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import load_standard
from pipeline.listen.speakers import with_roles
from pipeline.records import Call
from pipeline.settings import default_standard

STANDARD = load_standard(default_standard())
TURNS = [
    {"agent": "您好，翠湖花園物業管理處，請問有什麼可以幫到您？"},
    {"customer": "請問停車場幾點關門？"},
    {"agent": "停車場晚上十二點關門。感謝您的來電，再見。"},
    {"customer": "再見。"},
]


def call_by(agent_channel: int | None) -> Call:
    """The call with roles as its record or its words tell them."""
    call = call_of(dialogue(TURNS))
    record = replace(call.recording.record, agent_channel=agent_channel)
    return with_roles(call, replace(call.recording, record=record))


def flags(call: Call) -> tuple[str, ...]:
    return settled(call, STANDARD).flags


def test_who_is_the_agent_by_clear_words_is_a_note_and_no_doubt() -> None:
    call = call_by(None)
    assert call.warnings == (
        "roles: calls.csv has no agent_channel; channel 0 taken as the agent's from what it says",
    )
    assert flags(call) == ()


def test_a_record_that_says_otherwise_than_the_words_is_a_doubt() -> None:
    call = call_by(1)
    assert call.warnings == (
        "roles: calls.csv has agent_channel 1, but channel 0 speaks as an agent",
    )
    assert "warning" in flags(call)


@pytest.mark.parametrize("warning", ["truncated: the file has 9", "2 streams of sound: …"])
def test_whatever_else_was_noticed_is_a_doubt(warning: str) -> None:
    assert flags(replace(call_by(0), warnings=(warning,))) == ("warning",)
