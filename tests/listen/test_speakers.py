"""Who is the agent: by the call record, else by what is said, else nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.listen.speakers import channel_roles, with_roles
from pipeline.records import CallRecord, Recording, Role

AGENT = "您好，翠湖花園物業管理處，請問有什麼可以幫到您？"
CUSTOMER = "我家洗手間漏水，我要報修。"
UNSURE = "calls.csv has no agent_channel, and the words do not tell which channel is the agent's"
RECORD = CallRecord("a.wav")


@pytest.mark.parametrize("agent", [0, 1])
def test_the_call_record_settles_it_whatever_is_said(agent: int) -> None:
    roles = channel_roles({0: AGENT, 1: CUSTOMER}, replace(RECORD, agent_channel=agent))
    assert roles == ({agent: "agent", 1 - agent: "customer"}, [])


@pytest.mark.parametrize("agent", [0, 1])
def test_without_it_the_words_tell_and_the_reader_is_told(agent: int) -> None:
    roles = channel_roles({agent: AGENT, 1 - agent: CUSTOMER}, RECORD)
    assert roles == (
        {agent: "agent", 1 - agent: "customer"},
        [f"calls.csv has no agent_channel; channel {agent} taken as the agent's from what it says"],
    )


@pytest.mark.parametrize("texts", [("", ""), ("喂？", "喂，您好。"), (AGENT, AGENT)])
def test_words_that_fit_both_leave_both_unknown(texts: tuple[str, str]) -> None:
    roles: dict[int, Role] = {0: "unknown", 1: "unknown"}
    assert channel_roles(dict(enumerate(texts)), RECORD) == (roles, [UNSURE])


def test_on_one_channel_nobody_is_told_apart() -> None:
    assert channel_roles({0: AGENT + CUSTOMER}, RECORD) == ({0: "unknown"}, [])
    assert channel_roles({0: AGENT}, replace(RECORD, agent_channel=1)) == ({0: "unknown"}, [])


def test_either_script_tells() -> None:
    simplified = {0: "我家洗手间漏水，我要报修。", 1: "请问有什么可以帮到您？"}
    assert channel_roles(simplified, RECORD)[0] == {0: "customer", 1: "agent"}


def test_a_corrected_call_record_relabels_every_voice() -> None:
    heard = replace(
        call_of(dialogue([{"agent": AGENT}, {"customer": CUSTOMER}])),
        warnings=("truncated: …", "roles: " + UNSURE),
    )
    record = replace(heard.recording.record, agent_channel=1)
    recording = Recording(heard.recording.id, "b.wav", 1, record)
    call = with_roles(heard, recording)
    assert call.recording == recording
    assert [u.role for u in call.utterances] == ["customer", "agent"]
    assert [s.role for s in call.speech] == ["customer", "agent"]
    assert call.warnings == ("truncated: …",)
    assert call.roles_known
