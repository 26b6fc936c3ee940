"""How many signs of listening are found on two-channel calls, and how many are invented.

Data: in every composed call a customer tells a story of 40-60 s (turns one after the other, pauses of
0.2-0.8 s), and an agent greets before it and answers after it; in between the agent says 「嗯」「好的」
「是的」 … every 3-7 s, 0-10 dB softer than the greeting, a third of them cut to their loudest 120-250 ms.
A second call without any counts inventions. Lines: quiet (noise 37 dB below the voices), hiss (22 dB
below), babble of five voices 35 and 25 dB below the agent, clicks, and an echo of each side on the
other 35, 25 and 15 dB down (400-3000 Hz, 50 ms late); 8 kHz, G.711. Recognition has no part in it.

The signs are spoken by four of the sample voices that thresholds were not set on (``--part tune``: by
the other four). ``--customers`` takes folders of real utterances for the story, which the samples'
customers tell otherwise.

    python -m tests.bench.listening --voices KOKORO_JS [--part report] [--seed N] [--customers DIR ...]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.crosstalk import own_speech
from pipeline.listen.murmurs import murmurs
from pipeline.listen.prosody import Prosody
from pipeline.listen.speech import SHORTEST_SPEECH_MS, VoiceActivity
from pipeline.records import Span
from tests.bench.speak import VOICES
from tests.bench.telephone import line_tools
from tests.sound import samples_of
from tests.stereo import leaking, piece, sides, spoken

SIGNS = ("嗯。", "嗯嗯。", "好的。", "是的。", "好。", "對。", "是。", "哦。")
SPEEDS = (1.0, 1.4)
RATE = 8_000
VOICE_DBOV = -26.0
EVERY_S = (3.0, 7.0)
PAUSE_S = (0.2, 0.8)
STORY_S = (40.0, 60.0)
LINES = ("quiet", "hiss", "babble 35", "babble 25", "clicks", "echo 35", "echo 25", "echo 15")
QUIET_DBOV, HISS_DBOV = -63.0, -48.0
CLICKS_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Manner:
    """How signs are given: so much softer than the voice, such a share of them cut, to what length."""

    softer_db: tuple[float, float]
    cut: float
    cut_s: tuple[float, float]


PLAIN = Manner((0.0, 10.0), 1 / 3, (0.12, 0.25))
HARD = Manner((5.0, 15.0), 0.8, (0.1, 0.2))


@dataclass(frozen=True, slots=True)
class Composed:
    """Both channels at 16 kHz, shape (2, n), agent first; the story, and the signs within it."""

    samples: FloatArray
    story: Span
    signs: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Of one call: its signs, those found, and found by voice activity alone; sounds found where there
    is no sign; the headroom of the agent's channel.
    """

    signs: int
    found: int
    by_activity: int
    invented: int
    headroom_db: float


@click.command(help=__doc__)
@click.option("--voices", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--part", type=click.Choice(list(VOICES)), default="report", show_default=True)
@click.option("--seed", type=int, default=2, show_default=True)
@click.option("--calls", type=int, default=6, show_default=True, help="of each line")
@click.option(
    "--customers", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True
)
@click.option("--hard", is_flag=True, help="signs 5-15 dB softer, four in five cut to 100-200 ms")
def main(
    voices: Path, part: str, seed: int, calls: int, customers: Sequence[Path], hard: bool
) -> None:
    manner = HARD if hard else PLAIN
    random = np.random.default_rng(seed)
    signs = spoken_signs(voices, VOICES[part])
    agents, own_customers = sample_turns("agent"), sample_turns("customer")
    stories = real_utterances(customers) or own_customers
    activity, prosody = VoiceActivity(), Prosody()
    table = Table(title=f"{calls} calls of each line, voices to {part}, seed {seed}")
    for title in (
        "line",
        "signs",
        "voice activity",
        "with murmurs",
        "invented a minute",
        "headroom",
    ):
        table.add_column(title)
    for name in LINES:
        counts, seconds = [], 0.0
        for _ in range(calls):
            counts.append(
                count(compose(name, stories, agents, signs, manner, random), activity, prosody)
            )
            empty = compose(name, stories, agents, [], manner, random)
            counts.append(count(empty, activity, prosody))
            seconds += empty.story.duration_ms / 1000
        total = sum(one.signs for one in counts)
        invented = sum(one.invented for one in counts if not one.signs)
        table.add_row(
            name,
            str(total),
            f"{sum(one.by_activity for one in counts) / total:.1%}",
            f"{sum(one.found for one in counts) / total:.1%}",
            f"{60 * invented / seconds:.2f}",
            f"{min(one.headroom_db for one in counts):.0f} dB",
        )
    Console(width=120).print(table)


def count(call: Composed, activity: VoiceActivity, prosody: Prosody) -> Count:
    """What is found on the agent's channel during the story."""
    own, other = call.samples
    speech = tuple(
        span
        for span in own_speech(activity.speech(own), own, other)
        if span.duration_ms >= SHORTEST_SPEECH_MS
    )
    heard = murmurs(0, call.samples, speech, (), prosody)
    every = (*speech, *heard.spans)
    return Count(
        signs=len(call.signs),
        found=sum(any(one.overlap_ms(sign) for one in every) for sign in call.signs),
        by_activity=sum(any(one.overlap_ms(sign) for one in speech) for sign in call.signs),
        invented=sum(
            one.overlap_ms(call.story) == one.duration_ms
            and not any(one.overlap_ms(sign) for sign in call.signs)
            for one in every
        ),
        headroom_db=heard.headroom_db if heard.headroom_db is not None else np.inf,
    )


# --- composing -----------------------------------------------------------------------------------


def compose(
    line_name: str,
    stories: Sequence[FloatArray],
    agents: Sequence[FloatArray],
    signs: Sequence[FloatArray],
    manner: Manner,
    random: np.random.Generator,
) -> Composed:
    """One call on a line; without signs nobody listens audibly."""
    line = line_tools()

    greeting, answer = (agents[index] for index in random.integers(len(agents), size=2))
    told = _told(stories, float(random.uniform(*STORY_S)), random)
    starts = RATE // 2 + greeting.size + RATE // 2
    ends = starts + told.size
    size = ends + RATE + answer.size + RATE
    agent, customer = np.zeros(size, np.float32), np.zeros(size, np.float32)
    agent[RATE // 2 : RATE // 2 + greeting.size] += greeting
    customer[starts:ends] += told
    agent[ends + RATE : ends + RATE + answer.size] += answer
    placed = []
    at = starts + round(random.uniform(*EVERY_S) * RATE)
    while signs and at < ends - RATE:
        sign = _given(signs[int(random.integers(len(signs)))], manner, random)
        agent[at : at + sign.size] += sign
        placed.append(Span(at * 1000 // RATE, (at + sign.size) * 1000 // RATE))
        at += sign.size + round(random.uniform(*EVERY_S) * RATE)
    agent += _bed(line_name, size, stories, random)
    noise = HISS_DBOV if line_name == "hiss" else QUIET_DBOV
    both = [line.limited(one + line.noise(size, noise, random)) for one in (agent, customer)]
    wide = np.stack([_wide(one) for one in both])
    if line_name.startswith("echo"):
        wide = leaking(wide, float(line_name.split()[1]))
    coded = [line.CODECS["mu"](_narrow(one)).astype(np.float32) / 32_768 for one in wide]
    story = Span(starts * 1000 // RATE, ends * 1000 // RATE)
    return Composed(np.stack([_wide(one) for one in coded]), story, tuple(placed))


def _told(stories: Sequence[FloatArray], seconds: float, random: np.random.Generator) -> FloatArray:
    parts: list[FloatArray] = []
    while sum(part.size for part in parts) < seconds * RATE:
        pause = np.zeros(round(random.uniform(*PAUSE_S) * RATE), np.float32)
        parts += [stories[int(random.integers(len(stories)))], pause]
    return np.concatenate(parts[:-1])


def _given(sign: FloatArray, manner: Manner, random: np.random.Generator) -> FloatArray:
    """A sign, cut to its loudest part or whole, softer than the voice."""
    if random.random() < manner.cut:
        size = round(random.uniform(*manner.cut_s) * RATE)
        if size < sign.size:
            energy = np.convolve(np.square(sign), np.ones(size), "valid")
            first = int(energy.argmax())
            ramp = np.minimum(1.0, np.minimum(np.arange(size), np.arange(size)[::-1]) / 80)
            sign = sign[first : first + size] * ramp.astype(np.float32)
    return np.asarray(sign * 10 ** (-random.uniform(*manner.softer_db) / 20), np.float32)


def _bed(
    line_name: str, size: int, stories: Sequence[FloatArray], random: np.random.Generator
) -> FloatArray:
    """What else is on the agent's channel."""
    bed = np.zeros(size, np.float32)
    if line_name.startswith("babble"):
        for _ in range(5):
            bed += np.resize(_told(stories, 20.0, random), size)
        power = float(np.sqrt(np.mean(np.square(bed))))
        bed *= 10 ** ((VOICE_DBOV - float(line_name.split()[1])) / 20) / power
    elif line_name == "clicks":
        for _ in range(round(CLICKS_A_MINUTE * size / RATE / 60)):
            at = int(random.integers(size - 200))
            burst = random.standard_normal(160) * np.exp(-np.arange(160) / 30)
            bed[at : at + 160] += (0.3 * burst).astype(np.float32)
    return bed


def spoken_signs(voices: Path, names: Sequence[str]) -> list[FloatArray]:
    """Every sign by each voice at each speed, at the level of speech, 8 kHz."""
    line = line_tools()
    from voices import SAMPLE_RATE_HZ, Voices

    speaker = Voices(voices)
    return [
        line.levelled(line.carried(speaker.speak(text, name, speed), SAMPLE_RATE_HZ), VOICE_DBOV)
        for name in names
        for text in SIGNS
        for speed in SPEEDS
    ]


def sample_turns(role: str) -> list[FloatArray]:
    """Turns of the stereo samples of a role, longer than a second, at the level of speech, 8 kHz."""
    return [
        _levelled(clip)
        for turn in spoken(role)
        if turn.span.duration_ms > 1_000 and len(channels := sides(turn.file)) == 2
        for clip in [max((piece(one, turn.span) for one in channels), key=np.std)]
    ]


def real_utterances(folders: Sequence[Path]) -> list[FloatArray]:
    """Every sound file of the folders, on the line."""
    return [
        _levelled(samples_of(file)[0])
        for folder in folders
        for file in sorted(folder.rglob("*.flac"))
    ]


def _levelled(clip: FloatArray) -> FloatArray:
    line = line_tools()

    return np.asarray(line.levelled(line.carried(clip, SAMPLE_RATE), VOICE_DBOV), np.float32)


def _wide(wave: FloatArray) -> FloatArray:
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(wave, 2, 1), np.float32)


def _narrow(wave: FloatArray) -> FloatArray:
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(wave, 1, 2), np.float32)


if __name__ == "__main__":
    main()
