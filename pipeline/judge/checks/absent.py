"""Forbidden phrases. An accusation, so precision comes first.

Words written out as forbidden, or a long phrase that sounds exactly so, stand as said. A short one
that only sounds alike is put to a closer listen and stays in doubt without it.
"""

from __future__ import annotations

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.reading import CLOSE, WEAK, Found
from pipeline.judge.rules import AbsentPhrase
from pipeline.judge.windows import windows
from pipeline.records import Question, Reason

LONG_ENOUGH = 4
"""Syllables from which a phrase that sounds the same is taken as the phrase: two homophone words in
a row are rare, four in a row are the phrase."""

LITTLE_BETWEEN = 0.2
"""Cost of two characters between the words of a phrase: 「你自己*真的*看著辦」. A third makes it another
sentence too often (tests/bench/false_matches.py: 0.6 in 10,000 syllables with up to three)."""

SURELY_HEARD = 1.7
"""As spotting scores. Far stricter than for a demanded phrase, since here hearing it accuses: the highest
of 1802 questions about lines without the phrase was 1.65 (好，明天 taken for 你好)."""


def check(case: Case, ban: AbsentPhrase) -> Finding:
    """Whether a forbidden phrase was said by the person it is forbidden to."""
    reading = case.reading
    called = ban.called or f"「{case.standard.lexicon_title(ban.lexicon)}」"
    stretches = windows(reading, ban.within, ban.by, case.occurrence)
    if not stretches:
        return Finding("not_applicable", Reason.of("nothing_to_answer"))
    hits = [hit for stretch in stretches for hit in reading.said(ban.lexicon, ban.by, stretch)]
    guilty = [hit for hit in hits if is_certain(hit)]
    doubtful = [hit for hit in hits if not is_certain(hit)]
    questions: list[Question] = []
    for hit in list(doubtful):
        question = Question((_spoken(case, ban, hit),), ban.by, hit.span.padded(2000, 2000))
        answer = case.answers.get(question)
        if answer is None:
            questions.append(question)
            continue
        doubtful.remove(hit)
        if answer.score is not None and answer.score >= SURELY_HEARD:
            guilty.append(hit)
    if guilty:
        reason = Reason.of("forbidden_said", count=len(guilty), called=called)
        evidence = tuple(hit.evidence for hit in sorted(guilty, key=lambda hit: hit.span))
        return Finding("fail", reason, evidence, max(hit.confidence for hit in guilty))
    by_someone = [
        hit
        for stretch in stretches
        for hit in reading.said(ban.lexicon, "unknown", stretch)
        if is_certain(hit)
    ]
    if by_someone:
        evidence = tuple(hit.evidence for hit in by_someone)
        phrase = "、".join(dict.fromkeys(hit.quote for hit in by_someone))
        return Finding("unjudged", Reason.of("said_by_unknown", phrase=phrase), evidence, 0.5)
    if doubtful:
        evidence = tuple(hit.evidence for hit in doubtful)
        return Finding(
            "unjudged",
            Reason.of("forbidden_doubtful", called=called),
            evidence,
            0.5,
            tuple(questions),
        )
    if not any(reading.speaks(who, at) for who in reading.perhaps(ban.by) for at in stretches):
        return Finding("unjudged", Reason.of("no_agent_speech"), confidence=0.0)
    return Finding("pass", Reason.of("forbidden_none", called=called), confidence=0.9)


def is_certain(hit: Found) -> bool:
    """Whether words stand there that accuse without a closer listen."""
    if hit.probability < WEAK:
        return False
    if hit.level == "characters":
        return True
    if hit.level == "words":
        return hit.cost <= LITTLE_BETWEEN
    return hit.cost <= CLOSE and hit.syllables >= LONG_ENOUGH


def _spoken(case: Case, ban: AbsentPhrase, hit: Found) -> str:
    """The forbidden phrase behind a match by sound, as it would be written."""
    phrases = case.standard.matcher.lexicon(ban.lexicon).phrases
    return next(phrase.spoken[0] for phrase in phrases if phrase.written == hit.phrase)
