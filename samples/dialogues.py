"""dialogues.yaml as values: what a call is, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from line import BUSY, CODECS, SPEECH_DBOV
from voices import VOICE_SHA256

CLAUSES = (
    "4.1.1",
    "4.1.2.1",
    "4.1.2.2",
    "4.1.2.3",
    "4.1.3",
    "4.1.4.1",
    "4.1.4.2",
    "4.1.4.3",
    "4.1.5",
    "4.1.6.1",
    "4.1.6.2",
    "4.1.7.1",
    "4.1.7.2",
    "4.1.8.1",
    "4.1.8.2",
    "4.1.8.3",
    "4.1.8.4",
    "5.3",
    "5.4",
)
STATUSES = ("pass", "fail", "not_applicable", "unjudged", "arguable")
"""``arguable``: careful people would differ, or cannot know; it counts neither for nor against."""
SUFFIXES = (".wav", ".mp3", ".flac")
ROLES = ("agent", "customer")
PAUSES = ("silence", "music")


class DialogueError(Exception):
    """dialogues.yaml says something a call cannot be made from."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Words one side says."""

    role: str
    text: str
    voice: str
    speed: float
    raised: bool
    gap_s: float | None
    overlap_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nobody speaks: `silence` or `music`."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """One end of the line. `level_dbov` is how loud the line carries them."""

    voice: str
    speed: float
    level_dbov: float


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One call as written: its record, its turns and what a careful person would rule."""

    file: str
    about: str
    agent_id: str
    agent_channel: int | None
    speakers: dict[str, Speaker]
    started_at: datetime
    kind: str
    line: str
    direction: str
    rings: int | None
    tones: str
    law: str
    noise_dbov: float
    released_by: str
    slammed: bool
    turns: tuple[Turn | Pause, ...]
    labels: dict[str, str]


def load(path: Path) -> tuple[Dialogue, ...]:
    """All calls of a dialogues file, in its order."""
    calls = yaml.safe_load(path.read_text("utf-8"))["calls"]
    dialogues = tuple(_dialogue(call) for call in calls)
    files = [dialogue.file for dialogue in dialogues]
    for file in set(files):
        if files.count(file) > 1:
            raise DialogueError(f"{file}: two calls of that name")
    return dialogues


def _dialogue(call: dict[str, Any]) -> Dialogue:
    call = dict(call)
    file = str(call.pop("file", "a call without a file name"))
    try:
        agent = dict(call.pop("agent"))
        agent_id, channel = str(agent.pop("id")), agent.pop("channel", None)
        speakers = {"agent": _speaker(agent), "customer": _speaker(call.pop("customer"))}
        dialogue = Dialogue(
            file=file,
            about=str(call.pop("about")),
            agent_id=agent_id,
            agent_channel=channel,
            speakers=speakers,
            started_at=call.pop("started_at"),
            kind=call.pop("kind", "call"),
            line=call.pop("line"),
            direction=call.pop("direction", "inbound"),
            rings=call.pop("rings", None),
            tones=call.pop("tones", "cn"),
            law=call.pop("law", "mu"),
            noise_dbov=float(call.pop("noise_dbov", -60)),
            released_by=call.pop("released_by"),
            slammed=call.pop("handset", "laid down") == "slammed",
            turns=tuple(_turn(turn, speakers) for turn in call.pop("turns")),
            labels=dict(call.pop("labels")),
        )
    except KeyError as error:
        raise DialogueError(f"{file}: {error.args[0]} is missing") from error
    except DialogueError as error:
        raise DialogueError(f"{file}: {error}") from error
    if call:
        raise DialogueError(f"{file}: unknown {', '.join(call)}")
    _check(dialogue)
    return dialogue


def _speaker(speaker: dict[str, Any]) -> Speaker:
    unknown = set(speaker) - {"voice", "speed", "level"}
    if unknown:
        raise DialogueError(f"unknown {', '.join(sorted(unknown))} of a speaker")
    return Speaker(
        voice=_voice(speaker["voice"]),
        speed=float(speaker.get("speed", 1.0)),
        level_dbov=float(speaker.get("level", SPEECH_DBOV)),
    )


def _turn(turn: dict[str, Any], speakers: dict[str, Speaker]) -> Turn | Pause:
    options = dict(turn)
    what = next(iter(options))
    words = options.pop(what)
    if what in PAUSES and not options:
        return Pause(what, _seconds(words))
    if what not in ROLES:
        raise DialogueError(f"a turn begins with {what!r}, expected one of {ROLES + PAUSES}")
    speaker = speakers[what]
    gap = options.pop("gap", None)
    spoken = Turn(
        role=what,
        text=str(words),
        voice=_voice(options.pop("voice", speaker.voice)),
        speed=speaker.speed * float(options.pop("speed", 1.0)),
        raised=bool(options.pop("raised", False)),
        gap_s=None if gap is None else _seconds(gap),
        overlap_s=_seconds(options.pop("overlap", "0s")),
    )
    if options:
        raise DialogueError(f"unknown {', '.join(options)} at {words!r}")
    return spoken


def _voice(name: str) -> str:
    if name not in VOICE_SHA256:
        raise DialogueError(f"no voice {name!r}; there are {', '.join(VOICE_SHA256)}")
    return name


def _seconds(text: str) -> float:
    """A written duration in seconds.

    >>> _seconds("12.5s")
    12.5
    """
    number, unit = str(text)[:-1], str(text)[-1:]
    if unit != "s":
        raise DialogueError(f"{text!r} is no duration; write it like 12s")
    return float(number)


def _check(dialogue: Dialogue) -> None:
    """Refuse a value that is not one of the few there are."""
    choices: tuple[tuple[str, object, tuple[object, ...]], ...] = (
        ("container", Path(dialogue.file).suffix, SUFFIXES),
        ("agent.channel", dialogue.agent_channel, (None, 0, 1)),
        ("line", dialogue.line, ("front_desk", "office")),
        ("tones", dialogue.tones, tuple(BUSY)),
        ("law", dialogue.law, tuple(CODECS)),
        ("released_by", dialogue.released_by, ROLES),
        ("labels", tuple(dialogue.labels), (CLAUSES,)),
        *((f"label {clause}", status, STATUSES) for clause, status in dialogue.labels.items()),
    )
    for name, found, expected in choices:
        if found not in expected:
            raise DialogueError(f"{dialogue.file}: {name} is {found!r}, expected one of {expected}")
