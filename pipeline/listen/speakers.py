"""Which channel is the agent's.

The call record knows best. Without it the words tell: people at a front desk say what residents do
not (who they are for, how they can help), and the other way round. A mono recording whose voices
are not told apart leaves every role ``unknown``, and the judge knows what to do with that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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


def with_roles(call: Call, recording: Recording) -> Call:
    """The call with every voice's role set by what ``recording.record`` and the words say.

    Needs no audio, so that a corrected calls.csv re-labels kept calls.
    """
    texts = dict.fromkeys(range(call.channels), "")
    for utterance in call.utterances:
        texts[utterance.channel] += utterance.text
    roles, doubts = channel_roles(texts, recording.record)
    kept = tuple(warning for warning in call.warnings if not warning.startswith(ABOUT_ROLES))
    return replace(
        call,
        recording=recording,
        utterances=tuple(replace(u, role=roles[u.channel]) for u in call.utterances),
        speech=tuple(replace(s, role=roles[s.channel]) for s in call.speech),
        warnings=(*kept, *(ABOUT_ROLES + doubt for doubt in doubts)),
    )


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
