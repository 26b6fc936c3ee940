"""Acted Mandarin (CASIA) on telephone lines, as single utterances and as whole calls of one speaker.

Every sentence is brought to the line's band with the speaker's neutral median at -26 dBov, then through
noise 20-40 dB below that and G.711, by samples/line.py. Nobody else is heard: the agent's channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.prosody import Prosody
from pipeline.listen.speech import VoiceActivity
from pipeline.records import Span, Utterance, Voice, Word
from tests.bench.telephone import SPEECH_DBOV, coded, line_tools, on_the_line
from tests.sound import samples_of

casia_option = click.option(
    "--clips",
    "folder",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="CASIA: a folder a speaker, in it a folder an emotion",
)

SAMPLES = Path(__file__).parents[2] / "samples"
SPEAKERS = ("wangzhe", "liuchanhg")
EMOTIONS = ("neutral", "angry", "happy", "surprise", "sad", "fear")
Line = tuple[float, float, str]
LINES: tuple[Line, ...] = (
    (-10, 20, "mu"),
    (-6, 40, "a"),
    (-2, 30, "mu"),
    (2, 22, "a"),
    (6, 35, "mu"),
    (10, 26, "a"),
)
"""Gain in dB, signal over noise in dB, law. The neutral median lies at -26 dBov at no gain."""

PAUSE_S = 0.15
"""Between the sentences of an utterance; twice as long before and after."""

LINE_HZ = 8_000
GAIN_STEP_S = 0.01

Carried = dict[str, list[FloatArray]]
"""A speaker's sentences by emotion, as the line carries them: 8 kHz, no noise yet."""


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance as measured, and how long it was."""

    voice: Voice
    duration_ms: int


Pool = dict[str, list[list[Said]]]
"""Of one speaker: emotion -> line -> utterances."""

Agent = list[Said]
"""What an agent says in a call."""

HeardCalls = dict[str, list[Agent]]
"""Condition -> calls."""


# --- sentences and lines -------------------------------------------------------------------------


def clips_of(folder: Path) -> dict[str, list[FloatArray]]:
    """Every sentence of a speaker at 16 kHz, shape (n,), by emotion."""
    return {
        emotion: [samples_of(file)[0] for file in sorted((folder / emotion).iterdir())]
        for emotion in EMOTIONS
    }


def carried(clips: dict[str, list[FloatArray]]) -> Carried:
    """The sentences at 8 kHz in the telephone band, the neutral median at -26 dBov."""
    line = line_tools()
    heard = {e: [line.carried(clip, SAMPLE_RATE) for clip in sound] for e, sound in clips.items()}
    own = float(np.median([line.active_dbov(clip) for clip in heard["neutral"]]))
    gain = np.float32(10 ** ((SPEECH_DBOV - own) / 20))
    return {e: [clip * gain for clip in sound] for e, sound in heard.items()}


def levelled(sentences: Carried) -> Carried:
    """All at one level, before any noise: of loudness nothing is left."""
    line = line_tools()
    return {e: [line.levelled(clip, SPEECH_DBOV) for clip in said] for e, said in sentences.items()}


def automatic_gain(wave: FloatArray, random: np.random.Generator) -> FloatArray:
    """A gain towards -22 to -18 dBov that gives way within 50-200 ms and comes back within 1-2 s.

    At most 15 dB either way; it stands still in pauses, within 10 dB of the quietest tenth.
    """
    size = round(GAIN_STEP_S * LINE_HZ)
    steps = np.pad(wave, (0, -wave.size % size)).reshape(-1, size)
    levels = 10 * np.log10(np.square(steps, dtype=np.float64).mean(1) + 1e-10)
    target_db = random.uniform(-22, -18)
    down, up = (
        1 - np.exp(-GAIN_STEP_S / random.uniform(*times)) for times in ((0.05, 0.2), (1.0, 2.0))
    )
    pause_db = np.percentile(levels, 10) + 10
    gain_db, gains = 0.0, np.empty(len(steps))
    for index, level_db in enumerate(levels):
        if level_db >= pause_db:
            wanted = np.clip(target_db - level_db, -15, 15) - gain_db
            gain_db += wanted * (down if wanted < 0 else up)
        gains[index] = gain_db
    at = np.interp(np.arange(wave.size), np.arange(len(steps)) * size + size / 2, gains)
    return np.asarray(wave * 10 ** (at / 20), np.float32)


# --- utterances ----------------------------------------------------------------------------------


def pool_of(sentences: Carried, lines: Sequence[Line] = LINES, longest: int = 3) -> Pool:
    """50 utterances an emotion and line, each of one to so many sentences of a speaker."""
    activity, prosody = VoiceActivity(), Prosody()
    pool: Pool = {}
    for emotion, own in sentences.items():
        random = np.random.default_rng(1)
        pool[emotion] = [
            [
                said
                for first in range(len(own))
                if (said := _say(own, first, longest, on, activity, prosody, random)) is not None
            ]
            for on in lines
        ]
    return pool


def _say(
    sentences: list[FloatArray],
    first: int,
    longest: int,
    on: Line,
    activity: VoiceActivity,
    prosody: Prosody,
    random: np.random.Generator,
) -> Said | None:
    """A sentence and perhaps more in one breath, through a line, heard and measured."""
    more = random.integers(0, len(sentences), int(random.integers(0, longest)))
    wave = _breath([sentences[int(i)] for i in (first, *more)])
    around = np.zeros(round(2 * PAUSE_S * LINE_HZ), np.float32)
    samples = on_the_line(np.concatenate([around, wave, around]), *on, random)
    speech = activity.speech(samples)
    if not speech:
        return None
    return _measured(Span(speech[0].start_ms, speech[-1].end_ms), speech, samples, prosody)


def _breath(sentences: Sequence[FloatArray]) -> FloatArray:
    """Sentences with a short pause between them."""
    pause = np.zeros(round(PAUSE_S * LINE_HZ), np.float32)
    return np.concatenate([part for one in sentences for part in (one, pause)][:-1])


def _measured(
    span: Span, speech: tuple[Span, ...], samples: FloatArray, prosody: Prosody
) -> Said | None:
    measured = prosody.measure(Utterance("agent", 0, (Word("句", span, 1.0),)), 0, speech, samples)
    return None if measured is None else Said(measured, span.duration_ms)


# --- calls ---------------------------------------------------------------------------------------

CONDITIONS = ("plain", "10 dB louder", "gain on the recording", "gain in the handset")
"""The last two are an automatic gain, after the line's noise and before it."""


def heard_calls(
    sentences: Carried, emotion: str, share: float, calls: int, seed: int
) -> HeardCalls:
    """Whole calls of 8-14 utterances, the same ones in each condition, heard and measured.

    No limiter is reached 10 dB up: that would be another voice. An automatic gain sets the level itself.
    """
    line = line_tools()
    activity, prosody = VoiceActivity(), Prosody()
    found: HeardCalls = {condition: [] for condition in CONDITIONS}
    for index in range(calls):
        random = np.random.default_rng([seed, index])
        wave, spans = _composed(sentences, emotion, share, random)
        law, gain_db, snr_db = (
            ("mu", "a")[index % 2],
            random.uniform(-20, -12),
            random.uniform(20, 40),
        )
        noise = line.noise(wave.size, SPEECH_DBOV - snr_db, random)
        quiet = np.float32(10 ** (gain_db / 20))
        heard = {
            "plain": (wave + noise) * quiet,
            "10 dB louder": (wave + noise) * quiet * np.float32(10 ** (10 / 20)),
            "gain on the recording": automatic_gain(wave + noise, random),
            "gain in the handset": automatic_gain(wave, random) + noise,
        }
        for condition in CONDITIONS:
            samples = coded(heard[condition], law)
            speech = activity.speech(samples)
            said = (_measured(span, speech, samples, prosody) for span in spans)
            found[condition].append([one for one in said if one is not None])
    return found


def _composed(
    sentences: Carried, emotion: str, share: float, random: np.random.Generator
) -> tuple[FloatArray, list[Span]]:
    """What an agent says in one call, pauses of 1-2.5 s between, and where each utterance lies."""
    parts, spans, at = [np.zeros(LINE_HZ // 2, np.float32)], [], LINE_HZ // 2
    for kind in moods(emotion, share, random):
        chosen = random.choice(len(sentences[kind]), int(random.integers(1, 4)), replace=False)
        said = _breath([sentences[kind][int(i)] for i in chosen])
        pause = np.zeros(round(random.uniform(1.0, 2.5) * LINE_HZ), np.float32)
        spans.append(Span(at * 1000 // LINE_HZ, (at + said.size) * 1000 // LINE_HZ))
        parts += [said, pause]
        at += said.size + pause.size
    return np.concatenate(parts), spans


def moods(emotion: str, share: float, random: np.random.Generator) -> list[str]:
    """The emotion of each utterance of a call: neutral, at least two of them of another if any."""
    size = int(random.integers(8, 15))
    moved = max(2, round(share * size)) if share else 0
    kinds = ["neutral"] * (size - moved) + [emotion] * moved
    return [kinds[int(i)] for i in random.permutation(size)]


def pooled_call(pool: Pool, emotion: str, share: float, random: np.random.Generator) -> Agent:
    """One speaker on one line, utterances taken from a pool."""
    on, kinds = int(random.integers(0, len(LINES))), moods(emotion, share, random)
    left = {kind: list(random.permutation(len(pool[kind][on]))) for kind in sorted(set(kinds))}
    return [pool[kind][on][int(left[kind].pop())] for kind in kinds]


def auc(higher: NDArray[np.float64], lower: NDArray[np.float64]) -> float:
    """How often one of the first lies above one of the second."""
    above, level = higher[:, None] > lower, higher[:, None] == lower
    return float(above.mean() + level.mean() / 2)
