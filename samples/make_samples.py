"""Make the sample recordings: dialogues.yaml -> recordings/, labels.csv, turns.csv.

Run it as `python samples/make_samples.py --voices node_modules/kokoro-js`.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import click
import numpy as np
import soundfile
from compose import Stretch, compose
from dialogues import Dialogue, DialogueError, Turn, load
from line import RATE_HZ
from numpy.typing import NDArray
from raised import speak_raised
from voices import MODEL_SHA256, SAMPLE_RATE_HZ, VOICE_SHA256, Voices, Wave, WeightsError

HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"
CACHE = HERE.parent / "build" / "sample-voices"
CLIP_FORMAT = 1
"""Raise it when voices.py or raised.py would speak the same words differently."""

CALL_COLUMNS = (
    "file",
    "agent_id",
    "started_at",
    "kind",
    "line",
    "direction",
    "rings",
    "released_by",
    "agent_channel",
)
LABEL_COLUMNS = ("file", "clause", "status")
TURN_COLUMNS = ("file", "role", "start_s", "end_s", "text")

WAV_SUBTYPES = {"mu": "ULAW", "a": "ALAW"}
MP3_BITS_PER_SECOND = 24_000
"""For each channel."""


class ClipCache:
    """Spoken clips kept as FLAC files: an edited dialogue speaks only its new turns."""

    def __init__(self, voices: Voices, folder: Path) -> None:
        self._voices, self._folder = voices, folder

    def speak(self, turn: Turn) -> Wave:
        """A turn's clip at 24 kHz, spoken now or earlier."""
        path = self._folder / f"{self._key(turn)}.flac"
        if not path.exists():
            say = speak_raised if turn.raised else Voices.speak
            clip = say(self._voices, turn.text, turn.voice, turn.speed)
            # A raised clip can exceed full scale; only its shape matters, the call sets its level.
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            soundfile.write(
                unfinished, 0.9 * clip / np.abs(clip).max(), SAMPLE_RATE_HZ, format="FLAC"
            )
            unfinished.replace(path)
        return np.asarray(soundfile.read(path, dtype="float32")[0], np.float32)

    def _key(self, turn: Turn) -> str:
        spoken = (CLIP_FORMAT, MODEL_SHA256, VOICE_SHA256[turn.voice], turn.text, turn.raised)
        return hashlib.sha256(repr((*spoken, round(turn.speed, 3))).encode()).hexdigest()[:20]


def write_audio(path: Path, pcm: NDArray[np.int16], law: str) -> None:
    """One call, shape (samples, channels) at 8 kHz, in the container its name asks for."""
    if path.suffix == ".wav":
        soundfile.write(path, pcm, RATE_HZ, subtype=WAV_SUBTYPES[law])
    elif path.suffix == ".mp3":
        write_mp3(path, pcm)
    else:
        soundfile.write(path, pcm, RATE_HZ)


def write_mp3(path: Path, pcm: NDArray[np.int16]) -> None:
    """An MP3 file whose channels are coded apart: joint stereo would let one side leak.

    Not by libsndfile, whose 8 kHz stereo MP3 comes out 4 dB low and hardly intelligible.
    """
    channels = pcm.shape[1]
    layout = "stereo" if channels == 2 else "mono"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T), format="s16p", layout=layout)
    frame.sample_rate = RATE_HZ
    with av.open(path, "w") as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout=layout)
        stream.codec_context.bit_rate = MP3_BITS_PER_SECOND * channels
        stream.codec_context.options = {"joint_stereo": "0"}
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file, UTF-8, lines ended by a line feed."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def call_row(call: Dialogue) -> tuple[object, ...]:
    """A call's line in calls.csv; what is not known stays empty."""
    return (
        call.file,
        call.agent_id,
        call.started_at.isoformat(),
        call.kind,
        call.line,
        call.direction,
        call.rings,
        call.released_by,
        call.agent_channel,
    )


def turn_rows(file: str, stretches: Iterable[Stretch]) -> list[tuple[object, ...]]:
    """A call's lines in turns.csv."""
    return [(file, s.role, f"{s.start_s:.3f}", f"{s.end_s:.3f}", s.text) for s in stretches]


@click.command()
@click.option(
    "--voices",
    "kokoro_js",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the unpacked npm package kokoro-js.",
)
@click.option("--only", help="Make one recording, by its file name; write no tables.")
@click.option(
    "--cache",
    default=CACHE,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where spoken clips are kept.",
)
def main(kokoro_js: Path, only: str | None, cache: Path) -> None:
    """Speak the calls of dialogues.yaml and write recordings, call records, labels and turns."""
    try:
        calls = load(HERE / "dialogues.yaml")
        chosen = [call for call in calls if only in (None, call.file, Path(call.file).stem)]
        if not chosen:
            raise click.BadParameter(f"no call {only!r} in dialogues.yaml", param_hint="--only")
        turns = make(chosen, ClipCache(Voices(kokoro_js), cache))
    except (DialogueError, WeightsError) as error:
        raise click.ClickException(str(error)) from error
    if only is None:
        write_table(RECORDINGS / "calls.csv", CALL_COLUMNS, map(call_row, calls))
        labels = [(c.file, clause, status) for c in calls for clause, status in c.labels.items()]
        write_table(HERE / "labels.csv", LABEL_COLUMNS, labels)
        write_table(HERE / "turns.csv", TURN_COLUMNS, turns)


def make(calls: Iterable[Dialogue], clips: ClipCache) -> list[tuple[object, ...]]:
    """Write each call's recording; return the rows of turns.csv."""
    RECORDINGS.mkdir(exist_ok=True)
    turns: list[tuple[object, ...]] = []
    for call in calls:
        pcm, stretches = compose(call, clips.speak)
        write_audio(RECORDINGS / call.file, pcm, call.law)
        turns += turn_rows(call.file, stretches)
        click.echo(f"{call.file}  {len(pcm) / RATE_HZ:5.1f} s  {call.about}")
    return turns


if __name__ == "__main__":
    main()
