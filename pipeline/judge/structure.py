"""The stretches of a call that clauses are about: first turns, and holds among its silences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.judge.calltext import Found, said_within
from pipeline.judge.reading import QUESTION, Reading
from pipeline.judge.silences import SHORT_CALL, Silence, broken_by_call, calls_out, silences_of
from pipeline.judge.standard import HoldRule
from pipeline.records import Call, Role, Span, Utterance
from pipeline.wording.normalise import normalise

FIRST_TURN_LIMIT_MS = 20_000
"""No greeting is longer; past this the first turn is cut."""

SHORT_REPLY = 3
"""Syllables of 「喂」, 「你好」, 「嗯」: a caller's noise that does not end the agent's first turn."""

ANNOUNCED_WITHIN_MS = 12_000
"""How long before a hold its announcement may lie: the rest of the sentence and the caller's 「好」."""

RETURNED_WITHIN_MS = 10_000
"""How soon after a hold the agent's words of return are looked for."""

ASKED_WITHIN_MS = 6_000
"""How long before a silence the customer's request for time may lie: the rest of the sentence; or the
agent's, and the customer's 「好」."""

ASKING = (*QUESTION, "嗎", "吗", "呢", "吧")
"""How an utterance ends to which the customer owes the reply."""

QUESTION_WORDS = re.compile(
    "什么|哪|几|多少|多久|谁|怎么|何时|(?P<verb>[一-鿿])[不没](?P=verb)|是否|能否|可否"
)
"""What makes a question of a normalised utterance that recognition left without its mark."""

NUMBER = re.compile("[零〇一二三四五六七八九幺两]{3,}")
"""What a customer reads out: of a waybill, a meter, a card."""

FETCHES = re.compile("[我先就一下啊哦喔]*[去拿找翻查看把到打]")
"""How the words begin of a customer who tells what he needs the time for."""

TURN_EDGE_MS = 1_000
"""Whisper's word times and voice activity may differ by this much at the edge of a silence."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A silence or music in mid-call during which the agent was away.

    ``request`` is a polite announcement, ``hint`` any announcement, ``back`` the words on return, ``away``
    others that tell of having been away.
    Callers do not say 請稍等 or 讓您久等, so these count whoever said them; 「我查一下」 only from the agent.
    """

    span: Span
    request: Found | None
    hint: Found | None
    back: Found | None
    away: Found | None = None

    @property
    def announced(self) -> bool:
        """Whether the customer was told, politely or not, that nobody would answer for a while."""
        return self.request is not None or self.hint is not None


@dataclass(frozen=True, slots=True)
class Structure:
    """The silences and holds of a call."""

    silences: tuple[Silence, ...]
    holds: tuple[Hold, ...]
    unclear: tuple[Silence, ...]
    """Silences of which nothing tells whether the agent was away or merely silent."""


def structure_of(reading: Reading, rule: HoldRule) -> Structure:
    """The silences and holds of a call."""
    silences = silences_of(reading.call, rule.shortest)
    holds, unclear = _holds(reading, silences, rule)
    return Structure(silences, holds, unclear)


def first_turns(call: Call, role: Role, count: int) -> Span:
    """From a role's first sound to the other's real utterance after its ``count``-th turn.

    A short 「喂」 or 「嗯」 of the other does not end a turn. Where roles are unknown: the first
    seconds of speech.
    """
    own = [speech.span for speech in call.speech if speech.role in (role, "unknown")]
    if not own:
        return Span(0, 0)
    start = own[0].start_ms
    turns, spoke = 0, True
    for utterance in call.utterances:
        if utterance.role == role:
            spoke = True
        elif (
            utterance.role != "unknown"
            and spoke
            and utterance.span.start_ms > start
            and len(normalise(utterance.text).text) > SHORT_REPLY
        ):
            turns, spoke = turns + 1, False
            if turns == count:
                end = utterance.span.start_ms + TURN_EDGE_MS
                return Span(start, min(end, start + FIRST_TURN_LIMIT_MS * count))
    return Span(start, start + FIRST_TURN_LIMIT_MS * count)


def asked_to_wait(reading: Reading, rule: HoldRule, start_ms: int) -> bool:
    """Whether somebody from the desk has just said that they will be away, politely or not."""
    before = Span(start_ms - ANNOUNCED_WITHIN_MS, start_ms + TURN_EDGE_MS)
    return bool(
        reading.said(rule.request, "agent", before)
        or reading.said_by_unknown(rule.request, before)
        or reading.said(rule.hint, "agent", before)
    )


def left_alone(reading: Reading, silence: Silence, lexicon: str, rule: HoldRule) -> bool:
    """Whether the customer breaks a silence after the agent's own words, which asked nothing, with no more
    than a call; or one after his own, to which no answer came for very long.

    Of 23 such silences of 8 s and more in 40 invented sets their authors call 19 untold holds, three
    arguable, and one none; one of the 19 follows a 「是吧」, which asks, and is left open. Of 31 after the
    customer's own words, all of them unanswered too long, the nine of 17 s and more are untold holds; of the
    shorter ones four are, 11 are arguable and seven are none.
    """
    if not broken_by_call(reading, silence, lexicon):
        return False
    if silence.before == "customer":
        return rule.unanswered is not None and silence.span.duration_ms >= rule.unanswered
    if silence.before != "agent":
        return False
    before = [one for one in reading.call.utterances if one.span.start_ms < silence.span.start_ms]
    spoken_ms = [one.span.start_ms for one in before if one.role != "agent"]
    if not spoken_ms:
        return False  # nobody has asked for anything yet
    turn = [one for one in before if one.role == "agent" and one.span.start_ms > max(spoken_ms)]
    return not any(_asks(reading, one, rule) for one in turn)


def _asks(reading: Reading, utterance: Utterance, rule: HoldRule) -> bool:
    """Whether it is the customer's turn: who is asked for something, or has been taken leave of."""
    text = utterance.text.rstrip("。.")
    return (
        text.endswith(ASKING)
        or QUESTION_WORDS.search(normalise(text).text) is not None
        or any(
            reading.said(lexicon, "agent", utterance.span.padded(0, TURN_EDGE_MS))
            for lexicon in rule.asked_by
        )
    )


def customers_own(
    reading: Reading, start_ms: int, excused_by: str | None, sent_by: str | None
) -> bool:
    """Whether a silence is the customer's: who has asked for the time, 「你等我找一找」, or was sent away.

    Who then tells what he looked for, 「我看看啊，背面磨掉了，我是五座的」, has taken his time.
    """
    before = Span(start_ms - ASKED_WITHIN_MS, start_ms + TURN_EDGE_MS)
    if sent_by and reading.said(sent_by, "agent", before):
        return True
    asked = reading.said(excused_by, "customer", before) if excused_by else ()
    after = (
        said_within(reading.call, "customer", Span(min(hit.span.end_ms, start_ms), start_ms))
        for hit in asked
    )
    return any(len(said) <= SHORT_CALL or FETCHES.match(said) is not None for said in after)


def handed_over(reading: Reading, rule: HoldRule) -> tuple[Span, ...]:
    """From where the agent puts the call through to the end: others listen and answer.

    Not where the agent only offers to, or is heard again later.
    """
    last = max(
        (one.span.start_ms for one in reading.call.utterances if one.role == "agent"), default=0
    )
    through = [at for at in _put_through(reading, rule) if at + ANNOUNCED_WITHIN_MS > last]
    return (Span(min(through), reading.call.duration_ms),) if through else ()


def _put_through(reading: Reading, rule: HoldRule) -> list[int]:
    """When the agent said to put the call through, and did not merely ask whether to."""
    if rule.passed_on is None:
        return []
    offers = [
        one.span
        for one in reading.call.utterances
        if one.role == "agent" and one.text.rstrip("。.").endswith(ASKING)
    ]
    return [
        hit.span.end_ms
        for hit in reading.find(rule.passed_on)
        if hit.role == "agent" and not any(span.holds(hit.span.middle_ms) for span in offers)
    ]


def _holds(
    reading: Reading, silences: tuple[Silence, ...], rule: HoldRule
) -> tuple[tuple[Hold, ...], tuple[Silence, ...]]:
    """Silences in which the agent was away, and those of which that cannot be told.

    Music is a hold; so is a silence that was announced or come back from, one between the agent's own
    words, and one in which the customer was left alone or, having told what was asked, answered very late.
    Any other that follows the customer's is a reply owed, not a hold.
    """
    holds: list[Hold] = []
    unclear: list[Silence] = []
    handed, through = handed_over(reading, rule), _put_through(reading, rule)
    for silence in silences:
        if any(stretch.holds(silence.span.middle_ms) for stretch in handed):
            continue
        hold, long_enough = _hold(reading, silence, rule), silence.span.duration_ms >= rule.shortest
        returned = hold.back or hold.away
        if long_enough and not returned and _follows(silence, through):
            unclear.append(silence)  # who speaks afterwards may be at another desk
            continue
        if not silence.music and not long_enough:
            continue
        own = silence.before == "agent" and silence.after == "agent"
        told = hold.announced or returned
        if silence.music or told or own or _abandoned(reading, silence, rule):
            holds.append(hold)
        elif silence.before != "customer":
            unclear.append(silence)
    return tuple(holds), tuple(unclear)


def _follows(silence: Silence, said_ms: list[int]) -> bool:
    """Whether a silence comes soon after one of some words."""
    return any(0 <= silence.span.start_ms - at < ANNOUNCED_WITHIN_MS for at in said_ms)


def _abandoned(reading: Reading, silence: Silence, rule: HoldRule) -> bool:
    """Whether the agent left the customer alone without a word."""
    pressed = rule.pressed_by is not None and left_alone(reading, silence, rule.pressed_by, rule)
    return (pressed or _answered_late(reading, silence, rule)) and not customers_own(
        reading, silence.span.start_ms, rule.excused_by, rule.sent_by
    )


def _answered_late(reading: Reading, silence: Silence, rule: HoldRule) -> bool:
    """Whether the agent, told what he had to know, was away without a word before he went on.

    Of 25 invented sets five hold such a silence, of 14 to 22 s, that the agent breaks as if nothing were: all
    five authors call it an untold hold. But a customer is silent for many reasons of his own, which no list
    holds: that the agent was away is sure only where the customer had just told a home or a number, and the
    agent then neither asks nor calls.
    """
    if rule.answered_late is None or silence.span.duration_ms < rule.answered_late:
        return False
    if (silence.before, silence.after) != ("customer", "agent"):
        return False
    turn = _since_the_agent(reading.call, silence)
    told = NUMBER.search(said_within(reading.call, "customer", turn)) is not None or any(
        hit.role == "customer" and turn.holds(hit.span.middle_ms)
        for kind in ("home", "phone")
        for hit in reading.slots(kind)
    )
    edge_ms = silence.span.end_ms
    after = [one for one in reading.call.utterances if one.span.end_ms > edge_ms]
    first = next((one for one in after if one.role == "agent"), None)
    return (
        told
        and first is not None
        and first.span.start_ms < edge_ms + TURN_EDGE_MS
        and not _asks(reading, first, rule)
        and not (rule.pressed_by and calls_out(reading, first, rule.pressed_by))
        and any(one.role == "customer" for one in after)
    )


def _since_the_agent(call: Call, silence: Silence) -> Span:
    """The customer's turn before a silence: from the agent's last words to it."""
    agents = (one.span.end_ms for one in call.utterances if one.role == "agent")
    begun = max((end for end in agents if end <= silence.span.start_ms), default=0)
    return Span(begun, silence.span.start_ms + TURN_EDGE_MS)


def _hold(reading: Reading, silence: Silence, rule: HoldRule) -> Hold:
    before = Span(silence.span.start_ms - ANNOUNCED_WITHIN_MS, silence.span.start_ms + TURN_EDGE_MS)
    after = Span(silence.span.end_ms - TURN_EDGE_MS, silence.span.end_ms + RETURNED_WITHIN_MS)
    requests = reading.said(rule.request, "agent", before) or reading.said_by_unknown(
        rule.request, before
    )
    hints = reading.said(rule.hint, "agent", before)
    returns = reading.said(rule.back, "agent", after) or reading.said_by_unknown(rule.back, after)
    absences = _absences(reading, silence, rule, after)
    return Hold(
        span=silence.span,
        request=requests[-1] if requests else None,
        hint=hints[-1] if hints else None,
        back=returns[0] if returns else None,
        away=absences[0] if absences else None,
    )


def _absences(reading: Reading, silence: Silence, rule: HoldRule, after: Span) -> tuple[Found, ...]:
    """What tells that the agent was away; not where the customer was, who then goes on with the talk."""
    pressed = rule.pressed_by is not None and broken_by_call(reading, silence, rule.pressed_by)
    if rule.away is None or (silence.after == "customer" and not pressed):
        return ()
    return reading.said(rule.away, "agent", after)
