"""Which voice is the agent's: of two channels, or of the speakers diarization found on one.

The call record knows best which channel is. Without it the words tell: people at a front desk say what
residents do not (who they are for, how they can help), and the other way round. Where the words do
not tell, or one voice is all that was told apart, roles stay ``unknown``, and the judge knows what to
do with that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.listen.cues import leaning
from pipeline.records import Call, CallRecord, Recording, Role
from pipeline.wording.normalise import normalise

AGENT_CUES = {
    "管理處": 2.0,
    "物業": 1.0,
    "有什麼可以幫": 3.0,
    "有什麼幫到": 3.0,
    "幫到您": 2.0,
    "幫您": 1.0,
    "為您服務": 3.0,
    "請問您": 1.0,
    "貴姓": 2.0,
    "怎麼稱呼": 2.0,
    "請稍等": 1.5,
    "請稍候": 1.5,
    "久等": 1.5,
    "感謝您的來電": 3.0,
    "給您帶來": 1.5,
    "安排師傅": 2.0,
    "師傅上門": 1.5,
    "登記": 1.0,
    "我們會": 1.0,
}
CUSTOMER_CUES = {
    "我家": 1.5,
    "我們家": 1.5,
    "我住": 2.0,
    "我是業主": 2.0,
    "我要投訴": 2.5,
    "我想投訴": 2.5,
    "我想問": 1.5,
    "我想請問": 1.5,
    "你們物業": 2.0,
    "你們管理處": 2.5,
    "我要報修": 2.5,
    "麻煩你們": 1.5,
    "樓上": 1.0,
    "你們": 0.5,
}
"""Weights by how much likelier the words are on that side of the counter; each counts once a call."""

ABOUT_ROLES = "roles: "

CLEAR_MARGIN = 2.0
"""One strong cue more on one side. Below it the channels stay ``unknown``: a wrong role would turn
every verdict of the call round."""


ANSWERS = 1.0
"""Who picks up speaks first (Schegloff 1968), and most calls come in. Alone it does not tell."""

ANSWERED = 0.5
"""For every time that a third voice's turn stands beside the customer's; less for the agent's. Whom the
customer talks with speaks for the desk, and is no second customer."""

ONE_VOICE = "mono recording in which only one voice could be told apart"

Voice = tuple[int, int]
"""A channel, and one of its speakers."""


def with_roles(call: Call, recording: Recording) -> Call:
    """The call with every voice's role set by what ``recording.record`` and the words say.

    Needs no audio, so that a corrected calls.csv re-labels kept calls.
    """
    texts: dict[Voice, str] = {(one.channel, one.speaker): "" for one in call.speech}
    texts |= {(channel, 0): "" for channel in range(call.channels)}
    for utterance in call.utterances:
        voice = (utterance.channel, utterance.speaker)
        texts[voice] = texts.get(voice, "") + utterance.text
    turns = [utterance.speaker for utterance in call.utterances]
    roles, doubts = _roles(texts, call.channels, recording.record, turns)
    kept = tuple(warning for warning in call.warnings if not warning.startswith(ABOUT_ROLES))
    return replace(
        call,
        recording=recording,
        utterances=tuple(replace(u, role=roles[u.channel, u.speaker]) for u in call.utterances),
        speech=tuple(replace(s, role=roles[s.channel, s.speaker]) for s in call.speech),
        warnings=(*kept, *(ABOUT_ROLES + doubt for doubt in doubts)),
    )


def _roles(
    texts: Mapping[Voice, str], channels: int, record: CallRecord, turns: Sequence[int]
) -> tuple[dict[Voice, Role], list[str]]:
    if channels == 1:
        said = {speaker: text for (_, speaker), text in texts.items()}
        of_speaker, doubts = speaker_roles(said, turns)
        return {(0, speaker): role for speaker, role in of_speaker.items()}, doubts
    of_channel, doubts = channel_roles(
        {channel: text for (channel, _), text in texts.items()}, record
    )
    return {voice: of_channel[voice[0]] for voice in texts}, doubts


def speaker_roles(
    texts: Mapping[int, str], turns: Sequence[int]
) -> tuple[dict[int, Role], list[str]]:
    """The role of each speaker on one channel, and what a reader should know about it.

    Of two, one is the agent and the other the customer. Of more, each has the role that its own words
    and whom it talks with tell: who comes to the telephone later may be either's.

    Args:
        texts: what each speaker said
        turns: the speakers of the utterances, in order of time
    """
    speakers = sorted(texts)
    unknown: dict[int, Role] = dict.fromkeys(speakers, "unknown")
    if len(speakers) < 2:
        return unknown, [ONE_VOICE] if any(texts.values()) else []
    leans = {speaker: leaning(text) for speaker, text in texts.items()}
    if turns:
        leans[turns[0]] += ANSWERS
    ranked = sorted(speakers, key=lambda speaker: -leans[speaker])
    agent, customer = ranked[0], ranked[-1]
    voices = f"mono recording with {len(speakers)} voices"
    if leans[agent] - leans[customer] < CLEAR_MARGIN:
        return unknown, [f"{voices}; the words do not tell which is the agent's"]
    roles = unknown | {agent: "agent", customer: "customer"}
    for other in ranked[1:-1]:
        met = [{a, b} for a, b in pairwise(turns) if other in (a, b)]
        talks = sum((customer in pair) - (agent in pair) for pair in met)
        lean = leans[other] + ANSWERED * talks
        if abs(lean) >= CLEAR_MARGIN:
            roles[other] = "agent" if lean > 0 else "customer"
    known = sum(role != "unknown" for role in roles.values())
    return roles, [f"{voices}; who is the agent was told from what {known} of them say"]


def channel_roles(
    texts: Mapping[int, str], record: CallRecord
) -> tuple[dict[int, Role], list[str]]:
    """The role of each channel, and what a reader should know about how it was found.

    Args:
        texts: what each channel said
        record: whose ``agent_channel`` settles it where it is given
    """
    channels = sorted(texts)
    if len(channels) == 1:
        return {channels[0]: "unknown"}, []
    agent = record.agent_channel
    if agent is not None and agent in texts:
        return _with_agent(channels, agent), []
    leaning = {channel: _leaning(text) for channel, text in texts.items()}
    first, second = sorted(channels, key=lambda channel: -leaning[channel])[:2]
    if leaning[first] - leaning[second] < CLEAR_MARGIN:
        return dict.fromkeys(channels, "unknown"), [
            "calls.csv has no agent_channel, and the words do not tell which channel is the agent's"
        ]
    return _with_agent(channels, first), [
        f"calls.csv has no agent_channel; channel {first} taken as the agent's from what it says"
    ]


def _with_agent(channels: list[int], agent: int) -> dict[int, Role]:
    return {channel: "agent" if channel == agent else "customer" for channel in channels}


def _leaning(text: str) -> float:
    """How much a text sounds like the agent's: cues of the agent less cues of the customer."""
    plain = normalise(text).text
    return sum(w for cue, w in AGENT_CUES.items() if normalise(cue).text in plain) - sum(
        w for cue, w in CUSTOMER_CUES.items() if normalise(cue).text in plain
    )
