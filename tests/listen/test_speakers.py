"""Who is the agent: by the call record, else by what is said, else nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.listen.speakers import ONE_VOICE, channel_roles, speaker_roles, with_roles
from pipeline.records import CallRecord, Recording, Role

AGENT = "您好，翠湖花園物業管理處，請問有什麼可以幫到您？"
CUSTOMER = "我家洗手間漏水，我要報修。"
UNSURE = "calls.csv has no agent_channel, and the words do not tell which channel is the agent's"
RECORD = CallRecord("a.wav")


@pytest.mark.parametrize(
    ("agent", "doubts"),
    [(0, []), (1, ["calls.csv has agent_channel 1, but channel 0 speaks as an agent"])],
)
def test_the_call_record_settles_it_and_the_reader_is_told_of_words_against_it(
    agent: int, doubts: list[str]
) -> None:
    roles = channel_roles({0: AGENT, 1: CUSTOMER}, [1, 0], replace(RECORD, agent_channel=agent))
    assert roles == ({agent: "agent", 1 - agent: "customer"}, doubts)


@pytest.mark.parametrize("agent", [0, 1])
def test_without_it_the_words_tell_and_the_reader_is_told(agent: int) -> None:
    roles = channel_roles({agent: AGENT, 1 - agent: CUSTOMER}, [agent, 1 - agent], RECORD)
    assert roles == (
        {agent: "agent", 1 - agent: "customer"},
        [f"calls.csv has no agent_channel; channel {agent} taken as the agent's from what it says"],
    )


@pytest.mark.parametrize("texts", [("", ""), ("喂？", "喂，您好。"), (AGENT, AGENT)])
def test_words_that_fit_both_leave_both_unknown(texts: tuple[str, str]) -> None:
    roles: dict[int, Role] = {0: "unknown", 1: "unknown"}
    assert channel_roles(dict(enumerate(texts)), [0, 1], RECORD) == (roles, [UNSURE])


def test_who_speaks_first_tips_what_the_words_alone_leave_open() -> None:
    texts = {0: "喂，管理處。", 1: "算了。"}
    assert channel_roles(texts, [1, 0], RECORD)[0] == {0: "unknown", 1: "unknown"}
    assert channel_roles(texts, [0, 1], RECORD)[0] == {0: "agent", 1: "customer"}
    outbound = replace(RECORD, direction="outbound")
    assert channel_roles(texts, [0, 1], outbound)[0] == {0: "unknown", 1: "unknown"}


def test_a_rude_agent_is_not_taken_for_the_customer() -> None:
    texts = {0: "喂。我怎麼知道，你自己看啊。", 1: "我家漏水了，麻煩你派人來。"}
    assert channel_roles(texts, [0, 1], RECORD)[0] == {0: "agent", 1: "customer"}


def test_either_script_tells() -> None:
    simplified = {0: "我家洗手间漏水，我要报修。", 1: "请问有什么可以帮到您？"}
    assert channel_roles(simplified, [1, 0], RECORD)[0] == {0: "customer", 1: "agent"}


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
    assert call.warnings == (
        "truncated: …",
        "roles: calls.csv has agent_channel 1, but channel 0 speaks as an agent",
    )
    assert call.roles_known


SUPERVISOR = "您好，我是主管，我馬上安排師傅過去。"


@pytest.mark.parametrize("first", [0, 1])
def test_the_words_of_two_speakers_tell_who_is_the_agent(first: int) -> None:
    roles, doubts = speaker_roles({first: AGENT, 1 - first: CUSTOMER}, [first, 1 - first], RECORD)
    assert roles == {first: "agent", 1 - first: "customer"}
    assert doubts == [
        "mono recording with 2 voices; who is the agent was told from what 2 of them say"
    ]


@pytest.mark.parametrize("texts", [("喂？", "喂。"), (AGENT, AGENT), ("", "")])
def test_two_speakers_who_could_be_either_stay_unknown(texts: tuple[str, str]) -> None:
    roles, doubts = speaker_roles(dict(enumerate(texts)), [0, 1], RECORD)
    assert roles == {0: "unknown", 1: "unknown"}
    assert doubts == ["mono recording with 2 voices; the words do not tell which is the agent's"]


def test_a_single_speaker_on_mono_has_no_role() -> None:
    assert speaker_roles({0: AGENT + CUSTOMER}, [0], RECORD) == ({0: "unknown"}, [ONE_VOICE])
    assert speaker_roles({0: ""}, [], RECORD) == ({0: "unknown"}, [])


def test_a_third_voice_has_the_role_its_words_and_partner_tell() -> None:
    texts = {0: AGENT, 1: CUSTOMER, 2: SUPERVISOR}
    assert speaker_roles(texts, [0, 1, 0, 2, 1, 2], RECORD)[0][2] == "agent"
    scolding = {0: AGENT, 1: CUSTOMER, 2: "就是這樣，跟誰講都一樣。"}
    assert speaker_roles(scolding, [0, 1, 2, 1, 2, 1, 2, 1], RECORD)[0][2] == "agent"
    neighbour = {0: AGENT, 1: CUSTOMER, 2: "我家也漏水了，你們什麼時候來？"}
    assert speaker_roles(neighbour, [0, 1, 0, 2, 0, 2, 0], RECORD)[0][2] == "customer"


def test_a_third_voice_that_nothing_tells_of_is_unknown() -> None:
    roles, _ = speaker_roles({0: AGENT, 1: CUSTOMER, 2: "對，三點。"}, [0, 1, 0, 1, 2], RECORD)
    assert roles == {0: "agent", 1: "customer", 2: "unknown"}


def test_a_kept_mono_call_is_relabelled_by_its_speakers() -> None:
    stereo = call_of(dialogue([{"agent": AGENT}, {"customer": CUSTOMER}]))
    mono = replace(
        stereo,
        channels=1,
        utterances=tuple(
            replace(one, role="unknown", speaker=one.channel, channel=0)
            for one in stereo.utterances
        ),
        speech=tuple(
            replace(one, role="unknown", speaker=one.channel, channel=0) for one in stereo.speech
        ),
    )
    call = with_roles(mono, mono.recording)
    assert [u.role for u in call.utterances] == ["agent", "customer"]
    assert call.roles_known
