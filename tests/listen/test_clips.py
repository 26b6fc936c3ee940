"""A clip is the recorder's own samples, but where it is silenced."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import RecordingError
from pipeline.listen import sandbox
from pipeline.listen.audio import SAMPLE_RATE, decode
from pipeline.listen.clips import Clip, ClipFormat, cut, encoded, with_silence
from pipeline.records import Span
from tests.sound import encoded as as_file
from tests.sound import hiss, pcm, tone, wave

RATE = 8_000
LEFT, RIGHT = hiss(5, seed=1), hiss(5, seed=2)
BOTH = np.stack([LEFT, RIGHT], axis=1)
TRUE = np.frombuffer(pcm(BOTH), "<i2").reshape(-1, 2).T
STEREO = wave(pcm(BOTH), channels=2)
NAME = Path("call.wav")


def clips(*spans: Span, silenced: tuple[Span, ...] = (), data: bytes = STEREO) -> list[Clip]:
    return cut(io.BytesIO(data), NAME, spans, silenced)


def test_clips_hold_the_samples_that_were_recorded() -> None:
    first, second = clips(Span(500, 1_501), Span(1_000, 5_000))
    assert (first.span, first.rate) == (Span(500, 1_501), RATE)
    assert np.array_equal(first.samples, TRUE[:, 4_000:12_008])
    assert np.array_equal(second.samples, TRUE[:, 8_000:40_000])


def test_nothing_is_decoded_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(av, "open", never)
    (clip,) = clips(Span(0, 5_000))
    assert np.array_equal(clip.samples, TRUE)


ENDLESS = """
import time
from pipeline.listen import decoder
decoder.recorded = lambda source: time.sleep(60)
decoder.serve()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no alarm rings")
def test_a_recording_has_so_much_time_to_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SERVE", ENDLESS)
    monkeypatch.setattr(sandbox, "_free", [])
    with pytest.raises(RecordingError) as error:
        cut(io.BytesIO(STEREO), NAME, [Span(0, 1_000)], (), 1)
    assert (error.value.where, error.value.got) == (
        "call.wav",
        "a file that was not unpacked within 1 s",
    )


def test_more_channels_than_a_clip_may_have_are_refused() -> None:
    nine = wave(pcm(np.stack([LEFT] * 9, axis=1)), channels=9)
    with pytest.raises(RecordingError) as error:
        clips(Span(0, 1_000), data=nine)
    assert error.value.got == "an audio stream of more than 8 channels"


def test_a_rate_no_recorder_writes_is_refused() -> None:
    with pytest.raises(RecordingError) as error:
        clips(Span(0, 1_000), data=wave(pcm(LEFT), rate=500))
    assert error.value.got == "an audio stream of 500 Hz"


def test_what_lies_beyond_the_end_is_left_out() -> None:
    first, second = clips(Span(4_000, 9_000), Span(6_000, 7_000))
    assert (first.span, first.samples.shape) == (Span(4_000, 5_000), (2, 8_000))
    assert (second.span, second.samples.shape) == (Span(6_000, 6_000), (2, 0))


def test_silence_is_digital_on_every_channel_and_duration_is_kept() -> None:
    (clip,) = clips(Span(1_000, 3_000), silenced=(Span(1_501, 2_000),))
    low, high = 501 * 8, 1_000 * 8
    assert clip.samples.shape == (2, 16_000)
    assert not clip.samples[:, low:high].any()
    fade = 5 * 8
    true = TRUE[:, 8_000:24_000]
    assert np.array_equal(clip.samples[:, : low - fade], true[:, : low - fade])
    assert np.array_equal(clip.samples[:, high + fade :], true[:, high + fade :])
    for part in (slice(low - fade, low), slice(high, high + fade)):
        assert (np.abs(clip.samples[:, part]) <= np.abs(true[:, part])).all()


def test_a_fade_goes_down_and_up_evenly() -> None:
    flat = np.full((1, 200), 10_000, np.int16)
    faded = with_silence(flat, 0, 1_000, [Span(50, 100)])[0].tolist()
    assert faded[:45] == [10_000] * 45
    assert faded[45:50] == [8_333, 6_666, 5_000, 3_333, 1_666]
    assert faded[50:100] == [0] * 50
    assert faded[100:105] == [1_666, 3_333, 5_000, 6_666, 8_333]
    assert faded[105:] == [10_000] * 95


@pytest.mark.parametrize(
    "span", [Span(0, 100), Span(900, 1_100), Span(1_900, 9_000), Span(0, 9_000), Span(5_000, 6_000)]
)
def test_silence_may_reach_over_the_edges_of_a_clip(span: Span) -> None:
    (clip,) = clips(Span(1_000, 2_000), silenced=(span,))
    low, high = (min(max(0, (at - 1_000) * 8), 8_000) for at in (span.start_ms, span.end_ms))
    assert clip.samples.shape == (2, 8_000)
    assert not clip.samples[:, low:high].any()
    outside = np.delete(clip.samples, np.s_[low:high], axis=1)
    assert outside.size == 0 or outside.any()


@pytest.mark.parametrize("form", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_clip_comes_back_to_the_sample(form: ClipFormat, channels: int) -> None:
    samples = TRUE[:channels, :12_345]
    content = encoded(Clip(Span(0, 1_543), RATE, samples), form)
    (again,) = cut(io.BytesIO(content), NAME, [Span(0, 9_000)], ())
    assert again.rate == RATE
    assert np.array_equal(again.samples, samples)
    assert content == encoded(Clip(Span(0, 1_543), RATE, samples), form)


@pytest.mark.parametrize(("codec", "suffix"), [("flac", "flac"), ("libmp3lame", "mp3")])
def test_times_are_those_of_listening(tmp_path: Path, codec: str, suffix: str) -> None:
    beep = np.concatenate([hiss(1, level=0.001), tone(0.5, 1_000), hiss(1, level=0.001)])
    path = as_file(tmp_path / f"call.{suffix}", beep, codec)
    heard = decode(path).samples[0]
    with path.open("rb") as stream:
        (clip,) = cut(stream, path, [Span(0, 10_000)], ())
    begins = [
        int(np.argmax(np.abs(samples) > 0.1)) * 1000 // rate
        for samples, rate in ((heard, SAMPLE_RATE), (clip.samples[0] / 32_767, clip.rate))
    ]
    assert abs(begins[0] - begins[1]) <= 2


@pytest.mark.parametrize("data", [b"no sound at all" * 99, b""])
def test_what_is_no_sound_is_said(data: bytes) -> None:
    with pytest.raises(RecordingError) as error:
        clips(Span(0, 1_000), data=data)
    assert error.value.where == "call.wav"


def test_a_damaged_file_gives_what_can_be_decoded() -> None:
    (clip,) = clips(Span(0, 4_000), data=STEREO[: 44 + 2 * 4 * RATE])
    assert np.array_equal(clip.samples, TRUE[:, : 2 * RATE])
