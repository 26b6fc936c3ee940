"""Demands on how a call sounded, in the rule language: rings, who hung up, silence, voice."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

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

    ``excused_by``: words with which a customer asks for time, so that no reply is owed; ``sent_by``: those
    with which the agent sends the customer to look at something.
    """

    longest: Duration
    doubt: Duration = 0
    excused_by: str | None = Field(default=None, description="lexicon")
    sent_by: str | None = Field(default=None, description="lexicon")
    pressed_by: str | None = Field(
        default=None,
        description="lexicon: 「喂？」, which asks for the reply and does not end the wait",
    )


class Backchannel(Model):
    """The longest a customer may speak on, pauses included, without a sound from the agent.

    From ``longest`` less ``doubt`` on it is left open.
    """

    longest: Duration
    doubt: Duration = 0


class Reaction(Model):
    """How soon the staff must say something to a visitor's first words; with ``doubt`` less it is open.

    ``pressed_by``: a lexicon of what a visitor who gets no answer says again, 「你好？」.
    """

    within: Duration
    doubt: Duration = 0
    pressed_by: str | None = Field(default=None, description="lexicon")


class RaisedVoice(Model):
    """The agent's voice against the agent's own calm voice in this call. ``score`` is in standard
    deviations of calm speech, summed over level, spectral tilt and half of spectral flux, mean of the
    utterances that are louder and higher; down to ``score`` less ``doubt`` a person must listen.

    ``after``: only what is said so soon after the occurrence that an enclosing ``each`` or ``some``
    looks at. The calm voice is that of the whole call all the same.
    """

    score: float = Field(gt=0)
    doubt: float = Field(ge=0)
    utterances: int = Field(ge=1, description="how many raised utterances make a raised voice")
    baseline: int = Field(ge=2, description="how many utterances the agent's own voice is known by")
    after: Duration | None = None


class Exchange(Model):
    """Sharp words in so many ``turns`` of the agent's, in a call in which the customer says words of
    ``protest``; from ``doubt`` on a person must listen.
    """

    turns: int = Field(ge=2)
    doubt: int = Field(ge=2)
    protest: tuple[str, ...] = Field(min_length=1, description="lexicons")

    @model_validator(mode="after")
    def _doubt_first(self) -> Self:
        if self.doubt > self.turns:
            raise ValueError(f"doubt from {self.doubt} turns on, which is beyond {self.turns}")
        return self


class Quarrel(Model):
    """A quarrel of the agent's with the customer: a composite, for each part alone has harmless causes.

    The parts: *overlap* (coming in on the customer more than once), *level* (a raised voice), *rate*
    (speaking faster than the agent's own calm), *contradiction* (words that argue, weights added up),
    *forbidden* (words that are forbidden anyway) and *manner* (answers with these likenesses, with no
    forbidden word in them). ``at_least`` so many different parts within one ``stretch`` of the call make a
    quarrel, of which one must be words. ``voice`` is what makes a raised utterance; how many of them and when
    is not asked. An ``exchange`` of words is one without any sound.
    """

    at_least: int = Field(ge=2, le=6)
    stretch: Duration
    contradiction: str = Field(description="lexicon")
    forbidden: str = Field(description="lexicon")
    manner: tuple[str, ...] = Field(default=(), description="likenesses")
    exchange: Exchange | None = None
    voice: RaisedVoice
    after: Duration | None = Field(default=None, description="as in raised_voice")


class Anger(Model):
    """The customer's voice rises against the customer's own calm voice, or the customer says ``words``
    of anger: a trigger, something the agent must bear calmly. One raised utterance is enough.
    """

    voice: RaisedVoice
    words: str = Field(description="lexicon")


class Band(Model):
    """What a measure is worth: good from ``good[0]`` to ``good[1]``, bad below ``bad[0]`` and above
    ``bad[1]``; in between nothing is ruled. ``null`` is an end without a limit.
    """

    good: tuple[float | None, float | None]
    bad: tuple[float | None, float | None]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        (good_low, good_high), (bad_low, bad_high) = self.good, self.bad
        if bad_low is not None and (good_low is None or bad_low > good_low):
            raise ValueError(f"bad below {bad_low:g} reaches into what is good")
        if bad_high is not None and (good_high is None or bad_high < good_high):
            raise ValueError(f"bad above {bad_high:g} reaches into what is good")
        return self


class Delivery(Model):
    """How the agent delivers the first turn: lively, at an easy pace, clear.

    Good where every measure is; bad where at least two of pitch, rate and clearness are, of which
    clearness counts only where the line let the words through.
    """

    syllables: int = Field(ge=1, description="a shorter first turn is not measured")
    pitch: Band = Field(description="semitones from the 10th to the 90th percentile")
    rate: Band = Field(description="syllables a second")
    clearness: Band = Field(description="mean probability of its words, as recognised")
    over_noise: Band = Field(description="dB of the voice over the line's noise")


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
