"""The stages of listening, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from pipeline import __version__
from pipeline.heap import give_back_memory
from pipeline.listen.assignment import assign, speech_of_speakers
from pipeline.listen.audio import Sound, decode
from pipeline.listen.crosstalk import own_speech
from pipeline.listen.diarization import Diarizer, Turn
from pipeline.listen.engines import Engine, load_engine
from pipeline.listen.impacts import impacts
from pipeline.listen.loudness import loudness
from pipeline.listen.murmurs import murmurs
from pipeline.listen.prosody import Prosody
from pipeline.listen.speaker_weights import checked_folder
from pipeline.listen.speakers import with_roles
from pipeline.listen.speech import (
    SHORTEST_MUSIC_MS,
    SHORTEST_SPEECH_MS,
    VoiceActivity,
    tails_ms,
    without,
)
from pipeline.listen.spelling import respelt
from pipeline.listen.tones import call_progress, stretches
from pipeline.listen.transcribe import Transcript, transcribe, utterances
from pipeline.models import Weights, resolve
from pipeline.records import (
    Call,
    Event,
    Murmurs,
    Provenance,
    Recording,
    Span,
    Speech,
    Utterance,
    Voice,
    Word,
)
from pipeline.settings import Settings
from pipeline.stopwatch import stage
from pipeline.wording.usage import Usage, front_desk_usage

TONE_TAIL_MS = 350
"""How far voice activity runs past a tone on either side: the models smooth over 0.2-0.3 s."""

KEY_TAIL_MS = 100
"""The same for a key, which people press while they speak."""

MANDARIN = "zh"
"""The language whose characters are put anew by their sound."""

LONG_MS = 600_000
"""A recording that takes so much memory that what a stage freed is given back before the next."""


@dataclass(frozen=True)
class Listener:
    """Every loaded model that listening needs; loaded once and used for a whole night."""

    engine: Engine
    activity: VoiceActivity
    prosody: Prosody
    diarizer: Diarizer
    provenance: Provenance
    usage: Usage | None = None
    """What people say, in the language that is listened to; ``None`` where that is not known."""


def load_listener(settings: Settings) -> Listener:
    """Load the models the settings name. Takes seconds.

    Raises:
        WeightsError, UsageError: see :mod:`pipeline.models`, :func:`load_engine` and
            :func:`checked_folder`.
    """
    weights = resolve(settings.model)
    checked_folder()  # a night must not find out at its first mono recording
    engine = load_engine(settings, weights)
    return Listener(
        engine=engine,
        activity=VoiceActivity(),
        prosody=Prosody(threads=1),
        diarizer=Diarizer(),
        provenance=provenance_of(settings, engine.name, weights),
        usage=front_desk_usage() if settings.language == MANDARIN else None,
    )


def provenance_of(settings: Settings, engine: str, weights: Weights) -> Provenance:
    """What will have listened, known before any model is loaded."""
    return Provenance(__version__, engine, weights.name, weights.sha256, settings.language)


def listen(recording: Recording, path: Path, listener: Listener) -> Call:
    """Listen to one recording.

    Raises:
        RecordingError: the file holds no sound that can be decoded.
    """
    return with_roles(hear_call(recording, decode(path), listener), recording)


def hear_call(recording: Recording, sound: Sound, listener: Listener) -> Call:
    """What a sound holds, nobody's role known yet."""
    heard = _hear(sound, listener)
    said, speech = _utterances(heard), _speech(heard)
    if listener.usage is not None:
        with stage("spelling"):
            said = respelt(said, listener.usage)
    with stage("prosody"):
        voices = _voices(said, speech, sound, listener.prosody)
    with stage("murmurs"):
        murmured = _murmurs(heard, sound, listener.prosody)
    with stage("loudness"):
        loud = loudness(sound)
    _give_back(sound)
    return Call(
        recording=recording,
        duration_ms=sound.duration_ms,
        channels=sound.channels,
        utterances=said,
        speech=_with_tails(speech, sound),
        events=tuple(sorted((e for one in heard for e in one.active.events), key=lambda e: e.span)),
        voices=voices,
        dropped=tuple(drop for one in heard for drop in one.transcript.dropped),
        warnings=sound.warnings,
        provenance=listener.provenance,
        loudness=loud,
        murmurs=murmured,
        impacts_heard=True,
    )


@dataclass(frozen=True, slots=True)
class _Active:
    """Where something sounds in one channel. ``covered`` are its tones and music, in which no voice is
    looked for.
    """

    speech: tuple[Span, ...]
    covered: tuple[Span, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one channel holds; ``turns`` is empty where it has one speaker: number 0."""

    active: _Active
    transcript: Transcript
    turns: tuple[Turn, ...]


def _hear(sound: Sound, listener: Listener) -> tuple[_Heard, ...]:
    """Every channel, their speech transcribed together."""
    active = [_activity(sound, channel, listener.activity) for channel in range(sound.channels)]
    speech = [one.speech for one in active]
    with stage("transcription"):
        transcripts = transcribe(sound.samples, speech, listener.engine)
    _give_back(sound)
    with stage("diarization"):
        turns = listener.diarizer.turns(sound.samples[0], speech[0]) if len(active) == 1 else ()
    return tuple(_Heard(*both, turns) for both in zip(active, transcripts, strict=True))


def _activity(sound: Sound, channel: int, activity: VoiceActivity) -> _Active:
    """Tones and music first: what they cover is not offered to the speech recogniser. Blows are, for a
    word may lie under one.
    """
    samples = sound.samples[channel]
    with stage("tones"):
        tones = call_progress(samples, channel)
    with stage("voice activity"):
        heard = activity.heard(samples)
    music = tuple(
        Event("music", channel, span)
        for span in without(heard.music, stretches(tones))
        if span.duration_ms >= SHORTEST_MUSIC_MS
    )
    covered = (*(_with_tail(tone) for tone in tones), *(event.span for event in music))
    voiced = without(heard.speech, covered)
    if sound.channels == 2:
        with stage("crosstalk"):
            voiced = own_speech(voiced, samples, sound.samples[1 - channel])
    speech = tuple(span for span in voiced if span.duration_ms >= SHORTEST_SPEECH_MS)
    with stage("impacts"):
        blows = impacts(samples, channel, speech, covered)
    _give_back(sound)
    return _Active(speech, covered, (*tones, *music, *blows))


def _give_back(sound: Sound) -> None:
    """What a stage of a long recording freed, so that the next does not come on top of it."""
    if sound.duration_ms >= LONG_MS:
        give_back_memory()


def _with_tail(tone: Event) -> Span:
    tail_ms = KEY_TAIL_MS if tone.kind == "dtmf" else TONE_TAIL_MS
    return tone.span.padded(tail_ms, tail_ms)


def _utterances(heard: tuple[_Heard, ...]) -> tuple[Utterance, ...]:
    """All voices' utterances in order of time, their roles not yet known."""
    found = [
        Utterance("unknown", channel, words, speaker)
        for channel, one in enumerate(heard)
        for speaker, run in _runs(one)
        for words in utterances(run, one.active.speech)
    ]
    return tuple(sorted(found, key=lambda utterance: (utterance.span, utterance.channel)))


def _runs(heard: _Heard) -> Iterator[tuple[int, tuple[Word, ...]]]:
    """Words of a channel, cut where the speaker changes."""
    words = heard.transcript.words
    owned = zip(assign(words, heard.turns), words, strict=True)
    for speaker, run in groupby(owned, key=itemgetter(0)):
        yield speaker, tuple(word for _, word in run)


def _speech(heard: tuple[_Heard, ...]) -> tuple[Speech, ...]:
    found = [
        Speech("unknown", channel, span, speaker)
        for channel, one in enumerate(heard)
        for span, speaker in speech_of_speakers(one.active.speech, one.turns)
    ]
    return tuple(sorted(found, key=lambda speech: (speech.span, speech.channel)))


def _with_tails(speech: tuple[Speech, ...], sound: Sound) -> tuple[Speech, ...]:
    """The same speech, each told how much of its end is no voice."""
    tails: dict[Speech, int] = {}
    for channel, samples in enumerate(sound.samples):
        own = [one for one in speech if one.channel == channel]
        found = tails_ms(tuple(one.span for one in own), samples)
        tails |= dict(zip(own, found, strict=True))
    return tuple(replace(one, tail_ms=tails[one]) for one in speech)


def _murmurs(heard: tuple[_Heard, ...], sound: Sound, prosody: Prosody) -> tuple[Murmurs, ...]:
    """What each of two sides murmured. On one channel the other's speech hides it."""
    if sound.channels != 2:
        return ()
    return tuple(
        murmurs(channel, sound.samples, one.active.speech, one.active.covered, prosody)
        for channel, one in enumerate(heard)
    )


def _voices(
    said: tuple[Utterance, ...],
    speech: tuple[Speech, ...],
    sound: Sound,
    prosody: Prosody,
) -> tuple[Voice, ...]:
    measured = (
        prosody.measure(
            utterance,
            index,
            tuple(
                one.span
                for one in speech
                if (one.channel, one.speaker) == (utterance.channel, utterance.speaker)
            ),
            sound.samples[utterance.channel],
        )
        for index, utterance in enumerate(said)
    )
    return tuple(
        # as loud as in the recording: who is always loud must not pass for usual in every call
        replace(voice, level_db=round(voice.level_db - sound.gain_db, 2))
        for voice in measured
        if voice is not None
    )
