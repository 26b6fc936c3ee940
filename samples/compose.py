"""A dialogue and its spoken clips become the sound of a call, and the true times of its turns.

A recorder on the trunk hears two legs. What the desk sends is on the agent's leg: the agent, the
ring-back tone, the hold music, the handset. What arrives is on the customer's: the customer, and
the exchange's busy tone once the customer has hung up.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import line
import numpy as np
import raised
from dialogues import Dialogue, Pause, Turn
from numpy.typing import NDArray
from voices import SAMPLE_RATE_HZ, Wave

GAP_S = (0.3, 0.9)
ANSWER_AFTER_RING_S = (0.7, 1.7)
PICK_UP_S = 0.5
CUSTOMER_LEAVES_S = (0.6, 1.2)
AGENT_LEAVES_S = (0.25, 0.6)
BUSY_TIMES = 5
TAIL_S = 0.3

Speak = Callable[[Turn], Wave]
"""A turn's clip at 24 kHz."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What sounds when: `role` is agent, customer, ring, silence, music, busy or handset."""

    role: str
    start_s: float
    end_s: float
    text: str


@dataclass(slots=True)
class _Tape:
    """The two legs of a call, filled from the start to the end."""

    placed: dict[str, list[tuple[int, Wave]]] = field(
        default_factory=lambda: {"agent": [], "customer": []}
    )
    stretches: list[Stretch] = field(default_factory=list)
    end: int = 0
    """Where the tape ends so far, and where the newest clip does, in samples at 8 kHz."""
    last: int = 0

    def wait(self, seconds: float) -> None:
        self.end += round(seconds * line.RATE_HZ)

    def add(self, leg: str, role: str, clip: Wave, text: str = "", overlap_s: float = 0.0) -> None:
        start = self.end
        if overlap_s:
            start = max(0, self.last - round(overlap_s * line.RATE_HZ))
        self.last = start + len(clip)
        self.end = max(self.end, self.last)
        self.placed[leg].append((start, clip))
        self.stretches.append(Stretch(role, start / line.RATE_HZ, self.last / line.RATE_HZ, text))

    def leg(self, name: str) -> Wave:
        wave = line.silence(self.end / line.RATE_HZ)
        for start, clip in self.placed[name]:
            wave[start : start + len(clip)] += clip
        return wave


def compose(dialogue: Dialogue, speak: Speak) -> tuple[NDArray[np.int16], list[Stretch]]:
    """The call at 8 kHz, shape (samples, 1 or 2), and what sounds when.

    All chance comes from the file's name, so that a call comes out the same every time.
    """
    rng = np.random.default_rng(zlib.crc32(dialogue.file.encode()))
    tape = _Tape()
    _answer(tape, dialogue, rng)
    for turn in dialogue.turns:
        if isinstance(turn, Pause):
            _pause(tape, turn, rng)
        else:
            _say(tape, turn, dialogue, speak(turn), rng)
    _hang_up(tape, dialogue, rng)
    return _recorded(tape, dialogue, rng), tape.stretches


def _answer(tape: _Tape, dialogue: Dialogue, rng: np.random.Generator) -> None:
    ring = line.RING_BACK[dialogue.tones]
    for nth in range(dialogue.rings or 0):
        tape.add("agent", "ring", ring.play(1, last_off_s=0.0))
        last = nth + 1 == dialogue.rings
        tape.wait(rng.uniform(*ANSWER_AFTER_RING_S) if last else ring.off_s)
    tape.wait(PICK_UP_S)


def _pause(tape: _Tape, pause: Pause, rng: np.random.Generator) -> None:
    if pause.what == "music":
        tape.wait(rng.uniform(*GAP_S))
        clip = line.hold_music(pause.seconds, rng)
    else:
        clip = line.silence(pause.seconds)
    tape.add("agent", pause.what, clip)


def _say(tape: _Tape, turn: Turn, dialogue: Dialogue, clip: Wave, rng: np.random.Generator) -> None:
    gap_s = rng.uniform(*GAP_S) if turn.gap_s is None else turn.gap_s
    level = dialogue.speakers[turn.role].level_dbov + (raised.GAIN_DB if turn.raised else 0.0)
    carried = line.levelled(line.carried(clip, SAMPLE_RATE_HZ), level)
    if not turn.overlap_s:
        tape.wait(gap_s)
    tape.add(turn.role, turn.role, carried, turn.text, turn.overlap_s)


def _hang_up(tape: _Tape, dialogue: Dialogue, rng: np.random.Generator) -> None:
    if dialogue.released_by == "customer":
        tape.wait(rng.uniform(*CUSTOMER_LEAVES_S))
        tape.add("customer", "busy", line.BUSY[dialogue.tones].play(BUSY_TIMES))
    else:
        tape.wait(rng.uniform(*AGENT_LEAVES_S))
    level = line.SLAM_DBOV if dialogue.slammed else line.CLUNK_DBOV
    text = "slammed" if dialogue.slammed else "laid down"
    tape.add("agent", "handset", line.handset_clunk(rng, level), text)
    tape.wait(TAIL_S)


def _recorded(tape: _Tape, dialogue: Dialogue, rng: np.random.Generator) -> NDArray[np.int16]:
    legs = [tape.leg("agent"), tape.leg("customer")]
    if dialogue.agent_channel is None:
        legs = [legs[0] + legs[1]]
    elif dialogue.agent_channel == 1:
        legs.reverse()
    codec = line.CODECS[dialogue.law]
    hiss = [line.noise(tape.end, dialogue.noise_dbov, rng) for _ in legs]
    return np.stack(
        [codec(line.limited(leg + noise)) for leg, noise in zip(legs, hiss, strict=True)], axis=1
    )
