"""A file that means harm costs its own entry: it opens nothing, and takes neither time nor memory."""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import struct
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.errors import NotNowError, RecordingError
from pipeline.listen import decoder, sandbox
from pipeline.listen.audio import Limits, decode, promised_duration_ms
from pipeline.listen.container import FORMATS, SOUND_CODECS, Ended, Opened, opened, unpacked
from pipeline.listen.decoder import MOST_MEMORY
from pipeline.listen.sandbox import unpacked_apart
from tests.sound import encoded, hiss, pcm, tone, wave

SOUND = "a sound file such as wav, mp3, flac, ogg or m4a"
MB = 1 << 20


def refused(path: Path, limits: Limits | None = None) -> tuple[str, str]:
    with pytest.raises(RecordingError) as error:
        decode(path, limits or Limits())
    assert error.value.where == str(path)
    assert error.value.hint
    return error.value.got, error.value.expected


def unpack(path: Path, *, header_only: bool = False) -> list[Any]:
    with opened(path) as source:
        return list(unpacked_apart(source, 5, header_only=header_only))


LISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "hls of a file": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST\n",
    "hls with a key": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"
    '#EXT-X-KEY:METHOD=AES-128,URI="{url}/k"\n#EXTINF:9,\nconcat:{secret}|{secret}\n#EXT-X-ENDLIST\n',
    "concat": "ffconcat version 1.0\nfile '{secret}'\n",
    "concat of addresses": "ffconcat version 1.0\nfile '{url}/a.wav'\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT9S" profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period>'
    '<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}/a.mp4'
    '</BaseURL><SegmentList duration="9"><SegmentURL media="file://{secret}"/></SegmentList>'
    "</Representation></AdaptationSet></Period></MPD>",
    "session": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} TCP 0\n",
    "rtsp": "[Reference]\nRef1={url}/x\n",
    "smil": '<smil><body><audio src="{url}/x"/></body></smil>',
    "picture": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/x.png"/></svg>',
    "subtitles": "1\n00:00:01,000 --> 00:00:02,000\n<font face='file://{secret}'>x</font>\n",
    "captions": "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n",
    "ass": "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,x,,0,0,0,,x\n",
    "metadata": ";FFMETADATA1\ntitle=x\n",
}


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m3u8", "mpd", "sdp", "aac", "txt"])
def test_a_file_that_names_others_is_refused_and_opens_none(tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / "secret.wav"
    os.mkfifo(secret)  # whoever opens it waits: this test would not end
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        for name, text in LISTS.items():
            file = tmp_path / f"{name}.{suffix}"
            file.write_text(text.format(url=f"http://127.0.0.1:{port}", port=port, secret=secret))
            with pytest.raises(RecordingError), opened(file) as source:
                list(unpacked(source))
            assert refused(file, Limits(decode_s=5))[1] == SOUND
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_format_is_opened_that_names_other_files() -> None:
    known = {one for name in av.format.formats_available for one in name.split(",")}
    assert set(FORMATS) - known == set()
    lists = {
        "hls",
        "concat",
        "dash",
        "sdp",
        "rtsp",
        "image2",
        "imf",
        "lavfi",
        "webvtt",
        "srt",
        "rtp",
    }
    assert set(FORMATS) & lists == set()


def test_nothing_but_sound_is_decoded() -> None:
    kinds = {av.Codec(name, "r").type for name in SOUND_CODECS if name in av.codec.codecs_available}
    assert kinds == {"audio"}


def silence_flac(folder: Path, minutes: int) -> bytes:
    """A few bytes of very long frames, whose header does not say how many there are."""
    file = folder / "silence.flac"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("flac", rate=8_000, layout="mono")
        stream.codec_context.options = {"frame_size": "65535"}
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=8_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 65_535), np.int16), "s16", "mono")
        frame.sample_rate = 8_000
        for _ in range(round(minutes * 60 * 8_000 / 65_535) + 1):
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    content = bytearray(file.read_bytes())
    total = content.index(b"fLaC") + 8 + 13
    content[total : total + 5] = bytes([content[total] & 0xF0, 0, 0, 0, 0])
    return bytes(content)


def test_hours_in_a_few_bytes_stop_at_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "call.flac"
    file.write_bytes(silence_flac(tmp_path, 20))
    assert file.stat().st_size < 12_000
    assert refused(file, Limits(longest_h=0.25)) == (
        "a recording of more than 0.25 hours",
        "at most 0.25 hours",
    )
    assert decode(file, Limits(longest_h=0.5)).duration_ms >= 20 * 60_000


def test_many_channels_have_as_many_bytes_as_two(tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    sides = np.repeat(hiss(2)[:, None], 32, axis=1)
    file.write_bytes(wave(pcm(sides), channels=32))
    assert refused(file, Limits(longest_h=0.008)) == (
        "a recording of 32 channels and more than 0.0005 hours",
        "as much sound as 0.008 hours of two channels",
    )


@pytest.mark.parametrize(
    ("rate", "channels", "got"),
    [
        (0xFFFF_FFFF, 1, None),
        (800_000, 1, "an audio stream of 800000 Hz"),
        (500, 1, "an audio stream of 500 Hz"),
        (8_000, 65, "an audio stream of 65 channels"),
    ],
)
def test_absurd_sound_is_not_unpacked(
    tmp_path: Path, rate: int, channels: int, got: str | None
) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(wave(bytes(13_000), rate=rate, channels=channels))
    said = refused(file)[0]
    assert said == (got or said)


def synchsafe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


@pytest.mark.parametrize(("size", "heard"), [(10 * MB, True), (100 * MB, False)])
def test_a_huge_attachment_is_not_read(tmp_path: Path, size: int, heard: bool) -> None:
    file = encoded(tmp_path / "call.mp3", tone(1, 440, rate=16_000), "libmp3lame", 16_000)
    body = b"\0image/png\0\3\0\x89PNG"
    frame = b"APIC" + struct.pack(">I", len(body) + size) + b"\0\0" + body
    sound = file.read_bytes()
    with file.open("wb") as stream:
        stream.write(b"ID3\3\0\0" + synchsafe(len(frame) + size) + frame)
        stream.seek(size, os.SEEK_CUR)
        stream.write(sound)
    if heard:
        assert decode(file).duration_ms == 1_000
    else:
        assert "(64 MB without any sound)" in refused(file)[0]


def patched(content: bytes, box: bytes, *numbers: int, at: int = 4) -> bytes:
    """An MP4 file with other numbers in a box, behind so many bytes of it."""
    start = content.index(box) + 4 + at
    new = struct.pack(f">{len(numbers)}I", *numbers)
    return content[:start] + new + content[start + len(new) :]


def test_an_index_of_millions_of_samples_takes_no_memory(tmp_path: Path) -> None:
    file = encoded(tmp_path / "call.m4a", tone(1, 440, rate=16_000), "aac", 16_000)
    bomb = patched(file.read_bytes(), b"stsz", 1, 0x0FFF_FFFF)
    file.write_bytes(patched(bomb, b"stsc", 1, 1, 0x0FFF_FFFF, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(file)[1] == SOUND
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


MISBEHAVING = """
import os, time
from pipeline.listen import decoder
decoder.unpacked = lambda source: {do}
decoder.serve()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are those of Linux")
@pytest.mark.parametrize(
    ("do", "got"),
    [
        ("time.sleep(60)", "a file that was not unpacked within 2 s"),
        ("os.abort()", "a file that breaks the decoder (status -6)"),
        ("os.kill(os.getpid(), 14)", "a file that breaks the decoder (status -14)"),
        ("(os.close(1), time.sleep(60))", "a file that was not unpacked within 2 s"),
        ("bytes(2 << 30)", "a file that takes more than 1 GB to unpack"),
        ("open('/tmp/written', 'w').write('x')", "a file that breaks the decoder (status 1)"),
    ],
    ids=["hangs", "crashes", "rings early", "falls silent", "grows", "writes"],
)
def test_what_breaks_a_decoder_costs_one_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, do: str, got: str
) -> None:
    file = _wave(tmp_path)
    began = time.perf_counter()
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "SERVE", MISBEHAVING.format(do=do.replace("/tmp", str(tmp_path))))
        patch.setattr(sandbox, "_free", [])
        assert refused(file, Limits(decode_s=2))[0] == got
        assert not list(tmp_path.glob("written")) or not (tmp_path / "written").stat().st_size
        sandbox._end_all()
    assert time.perf_counter() - began < 8
    assert decode(file).duration_ms == 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process has no signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_decoder_that_is_ended_from_outside_is_not_the_recordings_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    do = f"os.kill(os.getpid(), {int(number)})"
    monkeypatch.setattr(sandbox, "SERVE", MISBEHAVING.format(do=do))
    monkeypatch.setattr(sandbox, "_free", [])
    file = _wave(tmp_path)
    with pytest.raises(NotNowError) as error:
        decode(file)
    assert vars(error.value) == {
        "where": str(file),
        "got": f"its decoder was ended from outside (signal {int(number)})",
        "expected": "a decoder that is let finish",
        "hint": "Look whether the machine was short of memory, then run again.",
    }


def test_a_decoder_that_falls_silent_and_stays_breaks_on_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = "(os.close(1), time.sleep(60))"
    monkeypatch.setattr(sandbox, "SERVE", MISBEHAVING.format(do=do))
    monkeypatch.setattr(sandbox, "_free", [])
    monkeypatch.setattr(sandbox, "GRACE_S", 1)
    assert refused(_wave(tmp_path))[0] == "a file that breaks the decoder (it fell silent)"


def test_a_decoder_that_died_while_idle_costs_nobody_anything(tmp_path: Path) -> None:
    decode(_wave(tmp_path))
    dead = sandbox._free[-1]
    dead._process.kill()
    dead._process.wait()
    assert decode(_wave(tmp_path)).duration_ms == 1_000
    assert dead not in sandbox._free


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_decoder_has_one_thread_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # BLAS takes some 40 MB for each of its threads, which count towards the limit
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "24")
    monkeypatch.setattr(sandbox, "_free", [])
    decode(_wave(tmp_path))
    status = Path(f"/proc/{sandbox._free[-1]._process.pid}/status").read_text(encoding="ascii")
    sandbox._end_all()
    assert "\nThreads:\t1\n" in status


def test_a_decoder_can_write_no_file(tmp_path: Path) -> None:
    assert promised_duration_ms(_wave(tmp_path)) == 1_000
    pid = sandbox._free[-1]._process.pid
    limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    said = {line[:26].strip(): line[26:].split()[:2] for line in limits}
    assert said["Max file size"] == ["0", "0"]
    assert said["Max core file size"] == ["0", "0"]
    assert said["Max data size"] == [str(MOST_MEMORY)] * 2


def test_one_decoder_serves_one_recording_after_the_other(tmp_path: Path) -> None:
    decode(_wave(tmp_path))
    first = sandbox._free[-1]
    decode(_wave(tmp_path))
    assert sandbox._free[-1] is first


def test_a_decoder_that_nobody_listens_to_any_more_is_ended(tmp_path: Path) -> None:
    with opened(_wave(tmp_path, 60)) as source:
        events = unpacked_apart(source, 60)
        assert next(events) == Opened(60_000)
        before = list(sandbox._free)
        events.close()
        assert sandbox._free == before


def test_the_header_alone_is_read_for_a_plan(tmp_path: Path) -> None:
    assert unpack(_wave(tmp_path), header_only=True) == [Opened(1_000)]
    assert unpack(_wave(tmp_path))[-1] == Ended(8_000, None)


def test_a_disk_that_fails_in_the_midst_is_said(tmp_path: Path) -> None:
    file = _wave(tmp_path, 60)

    class Failing(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(size)

    with opened(file) as source, pytest.raises(OSError, match="Input/output error"):
        list(unpacked_apart(replace(source, stream=Failing(file.read_bytes())), 5))
    assert decode(file).duration_ms == 60_000


def _wave(folder: Path, seconds: float = 1) -> Path:
    file = folder / "call.wav"
    file.write_bytes(wave(pcm(tone(seconds, 440))))
    return file


def test_beyond_its_end_a_file_is_not_asked_for() -> None:
    asked, told = BytesIO(), BytesIO()
    distant = decoder._Distant(asked, told, 10)
    assert distant.seek(2**62) == 2**62
    assert distant.read(5) == b""
    with pytest.raises(ValueError, match="-1"):
        distant.seek(-1)
    assert told.getvalue() == b""
