"""What is measured of a call beside its verdicts: numbers to manage by, none of them a ruling.

The words are those of conversation analysis: turns and their changes after Sacks, Schegloff and
Jefferson (1974), gaps, pauses and overlaps after Heldner and Edlund (2010), backchannels after Yngve
(1970) and, for Mandarin, Clancy et al. (1996), kinds of interruption after Ferguson (1977).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.roles import Party, Role
from pipeline.spans import Span

OverlapKind = Literal["interruption", "attempt", "backchannel", "terminal", "simultaneous_start"]


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud each channel was along the call.

    ``channels[c][i]`` is the mean power of channel ``c`` from ``i * step_ms`` on, for ``step_ms``, in
    whole dB re full scale (0 is a square wave at full scale).
    """

    step_ms: int
    channels: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two voices at once, from the second's coming in to the first of them that stops.

    ``incomer`` came in on ``on``, who was speaking; both are ``unknown`` where the channels are not
    yet told apart, and ``channel`` (the incomer's) is all there is to know. ``kind`` is one of

    * ``interruption``: it began well before the other's end, and the other gave way: stopped while
      the incomer spoke on, or at once, the incomer being next to speak;
    * ``attempt``: the same, but the other went on and kept the floor (Ferguson's butting-in);
    * ``backchannel``: one of the two only said 「嗯」, 「對」, 「好的」 … or something too short to be made
      out: a sign of listening, which asks for no turn;
    * ``terminal``: it began on the other's last syllables; turns often change so, without offence;
    * ``simultaneous_start``: both began together, and nobody came in on anybody.
    """

    span: Span
    kind: OverlapKind
    incomer: Role
    on: Role
    channel: int


@dataclass(frozen=True, slots=True)
class PartyMeasures:
    """What one of the two parties did. Times in milliseconds.

    ``talk_ms`` is how long they were heard speaking, ``talk_share`` that over both parties' (0 to 1;
    ``None`` when neither spoke). A turn is everything one party says until the other takes the floor,
    pauses inside it included; a backchannel is no turn. ``interruptions`` and ``attempts`` count the
    times *they* came in on the other. ``rate`` is syllables a second of their speech, pauses not
    counted, as far as it was made out (``None``: too little). ``reply_delay_ms`` is the median time
    from the other's end to their beginning, 0 for a turn that began before it, holds left out
    (``None``: they never replied).
    """

    role: Party
    talk_ms: int
    talk_share: float | None
    turns: int
    interruptions: int
    attempts: int
    backchannels: int
    rate: float | None
    reply_delay_ms: int | None


@dataclass(frozen=True, slots=True)
class Measures:
    """What a manager expects beside the verdicts of a call.

    ``agent`` and ``customer`` are ``None`` where the voices are not told apart: nothing is guessed.
    ``longest_silence`` is the longest time between the first and the last voice in which neither
    voice, tone nor music sounds (``None``: there is none). ``hold_ms`` adds up the ``holds`` of the
    standard: music, and silences in which the agent was away. ``overlaps`` are in order of time,
    ``None`` on a recording that has one channel and voices that are not told apart. ``holds_told`` of
    the holds were announced, politely or not (``None``: who said what is not known).
    """

    agent: PartyMeasures | None
    customer: PartyMeasures | None
    longest_silence: Span | None
    holds: int
    hold_ms: int
    overlaps: tuple[Overlap, ...] | None
    holds_told: int | None = None

    @property
    def parties(self) -> tuple[PartyMeasures, ...]:
        """Agent and customer, or nobody."""
        return tuple(one for one in (self.agent, self.customer) if one is not None)

    @property
    def overlap_ms(self) -> int | None:
        """How long two voices sounded at once."""
        if self.overlaps is None:
            return None
        return sum(overlap.span.duration_ms for overlap in self.overlaps)
