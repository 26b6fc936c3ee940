"""A quarrel (4.1.8.2, 5.3): a composite of what is heard together when an agent argues.

Each part alone has harmless causes. People talk at once on a slow line, raise their voice over noise,
hurry, and must sometimes contradict. Several different parts within a short stretch are another
matter, and even then only with words: laughter is loud, quick and overlapping too. What the customer
does is none of it, and a part that could not be heard neither accuses nor acquits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.baseline import is_measured, voices_apart
from pipeline.judge.calltext import Found
from pipeline.judge.checks import Case
from pipeline.judge.checks.alike import alike
from pipeline.judge.checks.certain import heard_again, is_certain
from pipeline.judge.checks.exchange import exchanged
from pipeline.judge.checks.pace import fast_utterances
from pipeline.judge.checks.usual import calm_by_usual
from pipeline.judge.checks.voice import (
    above_usual,
    evidence_of,
    loud_utterances,
    voices_of,
)
from pipeline.judge.finding import Finding
from pipeline.judge.rules import Alike
from pipeline.judge.sound_rules import Quarrel
from pipeline.judge.windows import reach
from pipeline.records import Evidence, Question, Reason, Role, Span

Part = Literal["overlap", "level", "rate", "contradiction", "forbidden", "manner"]
PARTS: tuple[Part, ...] = get_args(Part)
WORDS: frozenset[Part] = frozenset({"contradiction", "forbidden", "manner"})

NEEDED: dict[Part, float] = {
    "overlap": 2.0,
    "level": 1.0,
    "rate": 1.0,
    "contradiction": 1.0,
    "forbidden": 1.0,
    "manner": 1.0,
}
"""What the signs of a part must weigh together to make it: coming in on the other once is no quarrel, and a
civil 「不是這樣的」, half a contradiction by its lexicon, none either."""

CAME_IN = ("interruption", "attempt")

SURE = 0.85
"""Confidence in a quarrel of just enough parts, and in there being none. No real quarrel was at hand."""

MORE_SURE = 0.05
"""More confidence for each further part."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing heard that belongs to a part. ``of`` tells signs apart that count once together."""

    part: Part
    span: Span
    evidence: Evidence
    sure: bool = True
    weight: float = 1.0
    of: str = ""
    asked: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """The signs of a quarrel in order of time, and the parts that could not be heard."""

    signs: tuple[Sign, ...]
    unheard: frozenset[Part]


def check(case: Case, rule: Quarrel) -> Finding:
    """Whether the agent quarrelled: enough different parts within one stretch."""
    call = case.reading.call
    if not any(case.reading.speaks(role, case.reading.extent) for role in ("agent", "unknown")):
        return Finding("unjudged", Reason.of("no_agent_speech"), confidence=0.0)
    heard = _hear(case, rule)
    within = reach(case.reading, rule.after, case.occurrence)
    stretches = list(_stretches(heard.signs, rule.stretch, within))
    certain = [[sign for sign in stretch if sign.sure] for stretch in stretches]
    worst = max(certain, key=lambda signs: _rank(signs, rule), default=[])
    if _is_quarrel(parts := _parts(worst), rule):
        signs = [sign for sign in worst if sign.part in parts]
        confidence = round(min(0.95, SURE + MORE_SURE * (len(parts) - rule.at_least)), 2)
        return Finding("fail", _reason("quarrel", parts), _evidence(signs), confidence)
    if (exchange := _exchange(case, rule, heard)) is not None:
        return exchange
    if len(parts) >= rule.at_least:
        return Finding("unjudged", _reason("quarrel_wordless", parts), _evidence(worst), 0.5)
    for stretch in stretches:
        if _is_quarrel(perhaps := _parts(stretch), rule):
            asked = tuple(dict.fromkeys(q for sign in stretch for q in sign.asked))
            reason = _reason("quarrel_doubtful", perhaps)
            return Finding("unjudged", reason, _evidence(stretch), 0.5, asked)
    for stretch in stretches:
        if _parts(stretch) & WORDS and len(_parts(stretch) | heard.unheard) >= rule.at_least:
            if not call.roles_known:
                return Finding("unjudged", Reason.of("roles_unknown"), _evidence(stretch), 0.5)
            reason = _reason("quarrel_unheard", heard.unheard)
            return Finding("unjudged", reason, _evidence(stretch), 0.5)
    if not parts:
        return Finding("pass", Reason.of("quarrel_none"), confidence=SURE)
    signs = [sign for sign in worst if sign.part in parts]
    return Finding("pass", _reason("quarrel_little", parts), _evidence(signs), SURE)


def _exchange(case: Case, rule: Quarrel, heard: Heard) -> Finding | None:
    """A quarrel of words alone, or one perhaps."""
    if rule.exchange is None:
        return None
    words = [sign for sign in heard.signs if sign.part in WORDS]
    found = exchanged(case, rule.exchange, [(sign.span, sign.sure) for sign in words])
    if found == "not":
        return None
    if found == "surely":
        sure = [sign for sign in words if sign.sure]
        return Finding("fail", _of_words("quarrel_of_words", sure), _evidence(sure), SURE)
    asked = tuple(dict.fromkeys(q for sign in words for q in sign.asked))
    reason = _of_words("quarrel_doubtful", words)
    return Finding("unjudged", reason, _evidence(words), 0.5, asked)


def _of_words(code: str, words: Iterable[Sign]) -> Reason:
    return _reason(code, frozenset(sign.part for sign in words))


# --- what is heard -------------------------------------------------------------------------------


def _hear(case: Case, rule: Quarrel) -> Heard:
    signs = [*_contradictions(case, rule), *_banned(case, rule), *_ill_mannered(case, rule)]
    unheard: set[Part] = set()
    sounds: dict[Part, list[Sign] | None] = {
        "overlap": _overlaps(case),
        "level": _raised(case, rule),
        "rate": _hurried(case, rule),
    }
    for part, found in sounds.items():
        if found is None:
            unheard.add(part)
        else:
            signs += found
    return Heard(tuple(sorted(signs, key=lambda sign: sign.span)), frozenset(unheard))


def _overlaps(case: Case) -> list[Sign] | None:
    """The agent's comings-in on the customer. On mono, voices at once are told apart by ear."""
    call = case.reading.call
    floor = case.reading.floor
    if not (call.roles_known and floor.apart):
        return None
    return [
        Sign(
            "overlap",
            one.span,
            Evidence(one.span, "agent", None, round(one.span.duration_ms / 1000, 1), None, "s"),
            sure=call.channels > 1,
        )
        for one in floor.overlaps
        if one.incomer == "agent" and one.on == "customer" and one.kind in CAME_IN
    ]


def _raised(case: Case, rule: Quarrel) -> list[Sign] | None:
    """The agent's raised utterances, as the raised-voice check takes each of them.

    One who is raised throughout by the usual voice has none that can be told.
    """
    own, voice, usual = voices_of(case, "agent"), rule.voice, case.reading.call.usual
    if not case.reading.call.roles_known or not all(map(is_measured, own)):
        return None
    if len(own) < voice.baseline:
        return [] if usual is not None and calm_by_usual(usual, own) else None
    signs = []
    for one in loud_utterances(case, voices_apart(own), voice):
        if one.effort >= voice.score - voice.doubt:
            span = case.reading.call.utterances[one.voice.utterance].span
            (evidence,) = evidence_of(case, [one])
            signs.append(Sign("level", span, evidence, one.sure and one.effort >= voice.score))
    return None if not signs and above_usual(case) else signs


def _hurried(case: Case, rule: Quarrel) -> list[Sign] | None:
    """The utterances in which one person on the agent's side speaks faster than their calm."""
    if not case.reading.call.roles_known:
        return None
    said, known, signs = case.reading.call.utterances, False, list[Sign]()
    for person in voices_apart(voices_of(case, "agent")):
        fast = fast_utterances(case, person, rule.voice.baseline)
        known = known or fast is not None
        for one in fast or ():
            utterance = said[one.voice.utterance]
            evidence = Evidence(
                utterance.span,
                "agent",
                utterance.text,
                round(one.voice.rate, 1),
                round(one.threshold, 1),
                "syllables/s",
            )
            signs.append(Sign("rate", utterance.span, evidence))
    return signs if known else None


def _contradictions(case: Case, rule: Quarrel) -> Iterator[Sign]:
    """Words that argue; those that are forbidden as well count as forbidden only."""
    banned = [hit.span for hit in _words(case, rule.forbidden) if is_certain(hit)]
    for hit in _words(case, rule.contradiction):
        if not any(hit.span.overlap_ms(span) for span in banned):
            yield from _sign("contradiction", case, hit)


def _banned(case: Case, rule: Quarrel) -> Iterator[Sign]:
    for hit in _words(case, rule.forbidden):
        yield from _sign("forbidden", case, hit)


def _ill_mannered(case: Case, rule: Quarrel) -> Iterator[Sign]:
    """Rude answers; those with a forbidden word in them count as that only."""
    if not rule.manner:
        return
    banned = [hit.span for hit in _words(case, rule.forbidden)]
    for one in alike(case, Alike(like=rule.manner)):
        if not any(one.turn.span.overlap_ms(span) for span in banned):
            yield Sign("manner", one.turn.span, one.evidence, one.sure)


def _words(case: Case, lexicon: str) -> list[Found]:
    """What the agent says of a lexicon, and what nobody knows who says."""
    by: tuple[Role, ...] = ("agent", "unknown")
    return [hit for hit in case.reading.find(lexicon) if hit.role in by]


def _sign(part: Part, case: Case, hit: Found) -> Iterator[Sign]:
    """Words as a sign: those that only sound alike once a closer listen has heard them."""
    known, certain = hit.role == "agent", is_certain(hit)
    heard, asked = (True, ()) if certain else heard_again(case, hit)
    if heard or asked:
        sure = known and heard
        yield Sign(part, hit.span, hit.evidence, sure, hit.weight, hit.phrase, asked)


# --- what it amounts to --------------------------------------------------------------------------


def _stretches(signs: Sequence[Sign], length_ms: int, within: Span) -> Iterator[list[Sign]]:
    """The signs of each stretch that begins with one, in order of time."""
    asked_about = [sign for sign in signs if within.holds(sign.span.middle_ms)]
    for first in asked_about:
        stretch = Span(first.span.start_ms, first.span.start_ms + length_ms)
        yield [sign for sign in asked_about if stretch.holds(sign.span.start_ms)]


def _parts(signs: Iterable[Sign]) -> frozenset[Part]:
    """The parts whose signs weigh enough together; one wording said twice counts once."""
    weights: dict[Part, dict[str, float]] = {}
    for index, sign in enumerate(signs):
        weights.setdefault(sign.part, {})[sign.of or str(index)] = sign.weight
    return frozenset(part for part, of in weights.items() if sum(of.values()) >= NEEDED[part])


def _is_quarrel(parts: frozenset[Part], rule: Quarrel) -> bool:
    return len(parts) >= rule.at_least and bool(parts & WORDS)


def _rank(signs: Sequence[Sign], rule: Quarrel) -> tuple[bool, int, int]:
    parts = _parts(signs)
    return _is_quarrel(parts, rule), len(parts), len(signs)


def _reason(code: str, parts: frozenset[Part]) -> Reason:
    return Reason.of(code, parts="、".join(part for part in PARTS if part in parts))


def _evidence(signs: Iterable[Sign]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(sign.evidence for sign in signs))
