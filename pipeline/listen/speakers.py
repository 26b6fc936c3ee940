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
from pipeline.roles import ABOUT_ROLES, BY_WORDS

CLEAR_MARGIN = 3.0
"""How much more the words of one voice must sound like the agent's than the other's: a wrong role would
turn every verdict of the call round. Of 102 composed stereo calls 99 are told right from their
transcripts so, none wrong and three not at all; without :data:`OPENS` it is 94, 0 and 8, and at a
margin of 2 two would be wrong."""

OPENS = 1.0
"""Who picks up speaks first (Schegloff 1968): the agent, unless the call went out. A visitor at the
counter is greeted first, and at a home the staff says who is there. Alone it does not tell."""

ANSWERED = 0.5
"""For every time that a third voice's turn stands beside the customer's; less for the agent's. Whom the
customer talks with speaks for the desk, and is no second customer."""

CLEAR_OF_NOBODY = 2.0
"""The same for a third voice, which is held against nobody's: one strong cue."""

ONE_VOICE = "mono recording in which only one voice could be told apart"

Voice = tuple[int, int]
"""A channel, and one of its speakers."""


def with_roles(call: Call, recording: Recording) -> Call:
    """The call with every voice's role set by what ``recording.record`` and the words say.

    Needs no audio, so that a corrected calls.csv re-labels kept calls.
    """
    turns: list[Voice] = [(one.channel, one.speaker) for one in call.utterances]
    heard: list[Voice] = [(one.channel, one.speaker) for one in call.speech]
    silent: list[Voice] = [(channel, 0) for channel in range(call.channels)]
    texts = dict.fromkeys((*silent, *heard, *turns), "")
    for voice, utterance in zip(turns, call.utterances, strict=True):
        texts[voice] += utterance.text
    roles, doubts = _roles(texts, turns, call.channels, recording.record)
    kept = tuple(warning for warning in call.warnings if not warning.startswith(ABOUT_ROLES))
    return replace(
        call,
        recording=recording,
        utterances=tuple(replace(u, role=roles[u.channel, u.speaker]) for u in call.utterances),
        speech=tuple(replace(s, role=roles[s.channel, s.speaker]) for s in call.speech),
        warnings=(*kept, *(ABOUT_ROLES + doubt for doubt in doubts)),
    )


def _roles(
    texts: Mapping[Voice, str], turns: Sequence[Voice], channels: int, record: CallRecord
) -> tuple[dict[Voice, Role], list[str]]:
    """Roles by channel where there are several, else by speaker."""
    part = 0 if channels > 1 else 1
    said: dict[int, str] = {}
    for voice, text in texts.items():
        said[voice[part]] = said.get(voice[part], "") + text
    told = channel_roles if channels > 1 else speaker_roles
    roles, doubts = told(said, [voice[part] for voice in turns], record)
    return {voice: roles[voice[part]] for voice in texts}, doubts


def speaker_roles(
    texts: Mapping[int, str], turns: Sequence[int], record: CallRecord
) -> tuple[dict[int, Role], list[str]]:
    """The role of each speaker on one channel, and what a reader should know about it.

    Of two, one is the agent and the other the customer. Of more, each has the role that its own words
    and whom it talks with tell: who comes to the telephone later may be either's.

    Args:
        texts: what each speaker said
        turns: the speakers of the utterances, in order of time
        record: whose ``direction`` tells who picked up
    """
    speakers = sorted(texts)
    unknown: dict[int, Role] = dict.fromkeys(speakers, "unknown")
    if len(speakers) < 2:
        return unknown, [ONE_VOICE] if any(texts.values()) else []
    leans = _leans(texts, turns, record)
    agent, *others, customer = sorted(speakers, key=lambda speaker: -leans[speaker])
    voices = f"mono recording with {len(speakers)} voices"
    if leans[agent] - leans[customer] < CLEAR_MARGIN:
        return unknown, [f"{voices}; the words do not tell which is the agent's"]
    roles = unknown | {agent: "agent", customer: "customer"}
    for other in others:
        met = [{a, b} for a, b in pairwise(turns) if other in (a, b)]
        talks = sum((customer in pair) - (agent in pair) for pair in met)
        lean = leans[other] + ANSWERED * talks
        if abs(lean) >= CLEAR_OF_NOBODY:
            roles[other] = "agent" if lean > 0 else "customer"
    known = sum(role != "unknown" for role in roles.values())
    return roles, [f"{voices}; who is the agent was told{BY_WORDS}{known} of them say"]


def channel_roles(
    texts: Mapping[int, str], turns: Sequence[int], record: CallRecord
) -> tuple[dict[int, Role], list[str]]:
    """The role of each of two channels, and what a reader should know about how it was found.

    Args:
        texts: what each channel said
        turns: the channels of the utterances, in order of time
        record: whose ``agent_channel`` settles it where it is given
    """
    channels = sorted(texts)
    agent = record.agent_channel
    leans = _leans(texts, turns, record)
    if agent is not None and agent in texts:
        doubts = [
            f"calls.csv has agent_channel {agent}, but channel {other} speaks as an agent"
            for other in channels
            if leans[other] - leans[agent] >= CLEAR_MARGIN
        ]
        return _with_agent(channels, agent), doubts
    first, second = sorted(channels, key=lambda channel: -leans[channel])[:2]
    if leans[first] - leans[second] < CLEAR_MARGIN:
        return dict.fromkeys(channels, "unknown"), [
            "calls.csv has no agent_channel, and the words do not tell which channel is the agent's"
        ]
    return _with_agent(channels, first), [
        f"calls.csv has no agent_channel; channel {first} taken as the agent's{BY_WORDS}it says"
    ]


def _leans(texts: Mapping[int, str], turns: Sequence[int], record: CallRecord) -> dict[int, float]:
    """How much each voice sounds like the agent's, by what it says and by who speaks first."""
    leans = {voice: leaning(text) for voice, text in texts.items()}
    if turns:
        leans[turns[0]] += -OPENS if record.direction == "outbound" else OPENS
    return leans


def _with_agent(channels: list[int], agent: int) -> dict[int, Role]:
    return {channel: "agent" if channel == agent else "customer" for channel in channels}
