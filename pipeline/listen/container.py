"""A file nobody vouches for -> pieces of sound, by FFmpeg (through PyAV), within limits.

Whatever a caller or a colleague has put into the folder is opened here. FFmpeg may open nothing
but that one file, of formats that hold recordings (no playlists, pictures or subtitles), may decode
nothing but sound, and may read only so much before a piece of sound comes out.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from os import SEEK_SET
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotNowError, RecordingError

FloatArray = NDArray[np.float32]

Halves = NDArray[np.float16]
"""How a recording is held, 230 MB an hour of stereo. A sample above -84 dBFS keeps 11 bits: what is lost lies
more than 70 dB below it, where G.711 loses what lies 38 dB below."""

SoundArray = NDArray[np.float16 | np.float32]
"""Sound of any length, in half or single precision. A piece is made single before it is reckoned with: halves
neither add up nor square."""

Samples = NDArray[np.int16]

SAMPLE_RATE = 16_000
"""Hz. What Whisper and the voice activity model were trained on; telephone sound is 8 kHz inside it."""

FORMATS = (
    *("wav", "w64", "aiff", "au", "caf", "voc", "sox", "nistsphere", "ircam", "sln"),
    *("mp3", "aac", "flac", "ogg", "mov", "matroska", "asf", "avi", "amr", "amrnb", "amrwb"),
    *("mpegts", "mpeg", "flv", "ac3", "eac3", "dts", "ape", "wv", "tta", "tak", "mpc", "mpc8"),
    *("shn", "rm", "xwma", "oma", "loas", "qcp", "dss", "g722", "g723_1", "g726", "g726le"),
    *("g728", "g729", "gsm", "ilbc", "alaw", "mulaw", "sbc", "nut", "dsf", "adx"),
)
"""FFmpeg's names of what is opened: containers and plain streams that recorders, telephone systems
and phones write. A format that names other files or addresses is none of them."""

SOUND_CODECS = (
    *("aac", "aac_fixed", "aac_latm", "ac3", "eac3", "dca", "mp1", "mp1float", "mp2", "mp2float"),
    *("mp3", "mp3float", "mp3adu", "mp3adufloat", "opus", "libopus", "vorbis", "flac", "speex"),
    *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "alac", "als", "ape", "tak"),
    *("wavpack", "tta", "shorten", "mpc7", "mpc8", "wmav1", "wmav2", "wmapro", "wmalossless"),
    *("wmavoice", "cook", "sipr", "real_144", "real_288", "ra_144", "ra_288", "atrac3"),
    *("atrac3plus", "qcelp", "evrc", "dss_sp", "g722", "g723_1", "g726", "g726le", "g728"),
    *("g729", "gsm", "gsm_ms", "ilbc", "truespeech", "sbc", "nellymoser", "comfortnoise", "siren"),
    *("msnsiren", "dsd_lsbf", "dsd_msbf", "dsd_lsbf_planar", "dsd_msbf_planar", "adpcm_adx"),
    *("adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ima_oki", "adpcm_ms", "adpcm_yamaha", "adpcm_ct"),
    *("adpcm_sbpro_2", "adpcm_sbpro_3", "adpcm_sbpro_4", "adpcm_swf", "pcm_alaw", "pcm_mulaw"),
    *("pcm_s8", "pcm_u8", "pcm_s8_planar", "pcm_s16le", "pcm_s16be", "pcm_s16le_planar"),
    *("pcm_s16be_planar", "pcm_u16le", "pcm_u16be", "pcm_s24le", "pcm_s24be", "pcm_s24le_planar"),
    *("pcm_u24le", "pcm_u24be", "pcm_s32le", "pcm_s32be", "pcm_s32le_planar", "pcm_u32le"),
    *("pcm_u32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_bluray", "pcm_dvd"),
)
"""What is decoded: no pictures, not even to see how large they are, and no sound of games."""

OPTIONS = {
    "protocol_whitelist": "none",
    "format_whitelist": ",".join(FORMATS),
    "codec_whitelist": ",".join(SOUND_CODECS),
}

UNCOUNTED = {
    *("mp3", "aac", "ac3", "eac3", "dts", "amr", "amrnb", "amrwb", "mpegts", "mpeg", "loas", "sbc"),
    *("gsm", "g722", "g723_1", "g726", "g726le", "g728", "g729", "ilbc", "alaw", "mulaw", "sln"),
}
"""Formats that do not say how long they are; of MP3 but for the files that count their frames."""

COUNTS = (b"Xing", b"Info", b"VBRI")
FIRST_FRAME_BYTES = 4_096
"""MP3's longest frame is 2,881 bytes."""

RATES = (1_000, 768_000)
"""Hz. Recorders write 6 to 192 kHz. Of a lower rate a few bytes would become hours of sound."""

MOST_CHANNELS = 64
"""FFmpeg's own limit for a resampler."""

MOST_FRAME_SAMPLES = 1 << 20
"""A frame has up to 131,072 samples (WavPack)."""

MOST_BARREN_BYTES = 64 << 20
"""Read before a piece of sound comes out: many times what a header, with its cover picture, and the
moving pictures between two pieces of sound take."""

DECODER_ERRORS = (av.FFmpegError, ValueError, EOFError)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that holds sound. ``promised_ms`` is how long it says it is; ``None`` if it does not;
    ``rate`` is that of the pieces to come, in Hz. ``guessed``: it does not say, and FFmpeg reckons from the
    bit rate of its first frames, which a minute of silence may make ten times too long. ``others`` counts
    the streams of sound in it besides the first, which is heard.
    """

    promised_ms: int | None
    rate: int = SAMPLE_RATE
    guessed: bool = False
    others: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the pieces: samples decoded at the file's own rate, and why it came early if it did."""

    decoded: int
    trouble: str | None


Events = Generator[Opened | FloatArray | Ended, None, None]
"""What is told of a file, in this order: that it was opened, pieces of sound, how they ended."""

Recorded = Generator[Opened | Samples | Ended, None, None]
"""The same of a file that is not resampled."""


class Stream(Protocol):
    """What of a binary file is asked."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...

    def tell(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: where it is, for messages; its suffix, from which raw formats are told; its bytes."""

    where: str
    suffix: str
    size: int
    stream: Stream


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The file at a path.

    Raises:
        RecordingError: it cannot be opened or read, is empty, or is no file
    """
    try:
        if path.exists() and not path.is_file():
            raise unreadable(str(path), "a folder, pipe or device")
        size = path.stat().st_size
        if size == 0:
            raise unreadable(str(path), "an empty file (0 bytes)")
        with path.open("rb") as stream:
            yield Source(str(path), path.suffix, size, stream)
    except OSError as error:
        raise cannot_be_read(str(path), error) from error


def unpacked(source: Source) -> Events:
    """What a file says it is, its sound piece by piece at 16 kHz, and how it ended.

    Pieces have shape (channels, n), float32. Nothing is kept: whoever counts them may stop.

    Raises:
        RecordingError: it is no sound.
        OSError: it cannot be read.
    """
    return _unpacked(source, "flt", SAMPLE_RATE)


def recorded(source: Source) -> Recorded:
    """As :func:`unpacked`, at the file's own rate; pieces are int16."""
    return _unpacked(source, "s16", None)


def _unpacked(source: Source, form: str, wanted: int | None) -> Generator[Any, None, None]:
    counted = _is_counted(source.stream)
    with _container(source) as (container, file):
        stream = _audio_stream(container, source.where)
        rate = wanted or int(stream.rate)
        guessed = container.format.name in UNCOUNTED and not counted
        others = len(container.streams.audio) - 1
        yield Opened(_promised_ms(container, stream), rate, guessed, others)
        _prepare(container, stream, source.where)
        resampler = av.AudioResampler(format=form, rate=rate)
        decoded, trouble = 0, None
        try:
            for frame in chain(container.decode(stream), [None]):
                file.fruitful()
                decoded += frame.samples if frame else 0
                for piece in resampler.resample(frame):
                    yield _samples(piece)
        except DECODER_ERRORS as error:
            trouble = _said(error)
        except IndexError:
            # PyAV, of a stream that the file's beginning did not announce
            trouble = "a stream the header does not know"
        yield Ended(decoded, file.trouble or trouble)


def _is_counted(stream: Stream) -> bool:
    """Whether an MP3 file's first frame tells how many there are."""
    tag = stream.read(10)
    size = 0
    if tag[:3] == b"ID3" and len(tag) == 10:
        size = 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(tag[6:])))
    stream.seek(size)
    frame = stream.read(FIRST_FRAME_BYTES)
    stream.seek(0)
    return any(name in frame for name in COUNTS)


class _File:
    """The recording as FFmpeg sees it: of its name only the suffix, from which raw formats are told.

    A read that fails, or one too many without any sound, is the end of the file, not an exception:
    PyAV would print a second one. What it was is kept.
    """

    def __init__(self, source: Source) -> None:
        self.name = f"recording{source.suffix}"
        self._stream = source.stream
        self._barren = 0
        self._failed: OSError | None = None
        self.trouble: str | None = None

    def read(self, size: int) -> bytes:
        self._barren += size
        if self._barren > MOST_BARREN_BYTES:
            self.trouble = f"{MOST_BARREN_BYTES >> 20} MB without any sound"
        if self.trouble or self._failed:
            return b""
        try:
            return self._stream.read(size)
        except OSError as error:
            self._failed = error
            return b""

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """As a file's; -1, which FFmpeg takes for an error, where a damaged file points nowhere."""
        try:
            return self._stream.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1

    def tell(self) -> int:
        return self._stream.tell()

    def fruitful(self) -> None:
        """Sound has come out.

        Raises:
            OSError: what a read has failed with
        """
        self._barren = 0
        if self._failed:
            raise self._failed


@contextmanager
def _container(source: Source) -> Iterator[tuple[av.container.InputContainer, _File]]:
    """The open container, or one error that says what the file is instead of sound."""
    file = _File(source)
    opening: Any = file  # PyAV's type asks for more than it uses
    try:
        with av.open(opening, options=OPTIONS, metadata_errors="replace") as container:
            file.fruitful()
            yield container, file
    except DECODER_ERRORS as error:
        said = file.trouble or _said(error)
        got = f"{source.size} bytes that are no sound FFmpeg knows ({said})"
        raise unreadable(source.where, got) from error


def _audio_stream(
    container: av.container.InputContainer, where: str
) -> av.audio.stream.AudioStream:
    """The container's first audio stream, if it can be decoded at all."""
    if not container.streams.audio:
        raise unreadable(where, "a file without an audio stream")
    stream = container.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in SOUND_CODECS:
        raise unreadable(where, "an audio stream in an encoding FFmpeg does not know")
    if not stream.rate or stream.rate <= 0:
        raise unreadable(where, f"an audio stream of {stream.rate or 0} Hz")
    return stream


def _prepare(
    container: av.container.InputContainer, wanted: av.audio.stream.AudioStream, where: str
) -> None:
    """Have one stream decoded, within limits, and let the demuxer pass over all others."""
    if not RATES[0] <= wanted.rate <= RATES[1]:
        raise unreadable(where, f"an audio stream of {wanted.rate} Hz")
    if wanted.channels > MOST_CHANNELS:
        raise unreadable(where, f"an audio stream of {wanted.channels} channels")
    wanted.codec_context.options = {"max_samples": str(MOST_FRAME_SAMPLES)}
    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = av.stream.Discard.all


def _promised_ms(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> int | None:
    """How long the header says it is; ``None`` where it says nothing that a sound can be."""
    if stream.duration and stream.time_base:
        told_ms = int(stream.duration * stream.time_base * 1000)
    else:
        told_ms = int((container.duration or 0) // 1000)
    return told_ms if told_ms > 0 else None


def _samples(frame: av.AudioFrame) -> NDArray[Any]:
    """A packed frame as (channels, samples). PyAV crashes on planar ones of more than 8 channels."""
    packed: NDArray[Any] = frame.to_ndarray()
    return packed.reshape(-1, frame.layout.nb_channels).T


def _said(error: Exception) -> str:
    """What a decoder complains of, without the path and number that FFmpeg puts around it."""
    return getattr(error, "strerror", None) or str(error)


def unreadable(where: str, got: str) -> RecordingError:
    """A file that is no sound."""
    return RecordingError(
        where,
        got,
        "a sound file such as wav, mp3, flac, ogg or m4a",
        "Export it again from the recorder, or remove it from the folder.",
    )


def cannot_be_read(where: str, error: OSError) -> NotNowError:
    """A file that the system does not give us."""
    return NotNowError(
        where,
        f"cannot be read ({error.strerror})",
        "a readable sound file",
        "Check the file's permissions and that it is still there.",
    )
