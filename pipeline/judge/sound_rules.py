"""Demands on how a call sounded, in the rule language: rings, who hung up, silence, voice."""

from __future__ import annotations

from pydantic import Field

from pipeline.judge.grammar import Duration, Model
from pipeline.records import Party


class Rings(Model):
    """How often it may ring before the agent answers: by the call record, else counted in the sound.

    Where neither tells (no ring is heard, or not from the first on) nothing is ruled.
    """

    at_most: int = Field(ge=0)


class Released(Model):
    """Who must hang up first: by the call record, else by a busy tone after the conversation.

    Without one, or where the tone does not tell whom it is for, nothing is ruled.
    """

    by: Party
    within: Duration = Field(
        default=10_000,
        description="how soon after the last words the tone must begin; 10 s unless told otherwise",
    )


class LongSilence(Model):
    """The longest the agent may be silent while owing the customer a reply.

    ``excused_by``: words with which a customer asks for time, so that no reply is owed.
    """

    longest: Duration
    doubt: Duration = 0
    excused_by: str | None = Field(default=None, description="lexicon")


class RaisedVoice(Model):
    """The agent's voice against the agent's own calm voice in this call. ``score`` is in standard
    deviations of calm speech, summed over level and spectral tilt, mean of the utterances that are
    louder and higher; down to ``score`` less ``doubt`` a person must listen.
    """

    score: float = Field(gt=0)
    doubt: float = Field(ge=0)
    utterances: int = Field(ge=1, description="how many raised utterances make a raised voice")
    baseline: int = Field(ge=2, description="how many utterances the agent's own voice is known by")


class Slam(Model):
    """That the agent does not slam the handset. ``strength`` is in dB over the loud syllables of the
    agent's own voice; ``likeness``, 0 to 1, how much the blow must be shaped like a slammed door, which
    stands for a handset. Down to ``strength`` less ``doubt`` and a likeness of ``perhaps`` a person must
    listen.
    """

    near_end: Duration = Field(
        description="how soon after the agent's last words, or before the recording ends"
    )
    strength: float
    doubt: float = Field(ge=0)
    likeness: float = Field(ge=0, le=1)
    perhaps: float = Field(ge=0, le=1)


class Knocks(Model):
    """How one may knock at a door: so often in a row at ``most``, then ``rest`` before again. Up to
    ``doubt`` more, a shorter rest, and knocks ``loud`` dB over loud syllables are for a person to hear.
    """

    most: int = Field(ge=1)
    doubt: int = Field(ge=0)
    rest: Duration
    loud: float
