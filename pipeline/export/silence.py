"""Where in a recording personal data is spoken: more than the words, never less.

Whisper's word times are exact to about 0.2 s within a run of digits, so that such a run is one stretch;
and the echo of a voice sounds on the other side's channel, so that all channels fall silent together.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import groupby

from pipeline.records import Call, Span, Utterance, merge_spans
from pipeline.wording.masking import masked_words

MARGIN_MS = 100
"""Silence beyond each side of a masked word: word times are exact to about 22 ms on clean speech, the
reverberation of a room and the coder's smear come on top."""

JOIN_MS = 500
"""What is said between two masked stretches so near each other mostly belongs to them."""


def silenced(call: Call) -> tuple[Span, ...]:
    """The stretches to silence, in order and apart from each other."""
    hidden = set(masked_words(call))
    spans = [span for one in call.utterances for span in _runs(one, hidden)]
    spans += [span for _, span in hidden]
    return merge_spans([span.padded(MARGIN_MS, MARGIN_MS) for span in spans], JOIN_MS)


def _runs(utterance: Utterance, hidden: Container[tuple[int, Span]]) -> Iterator[Span]:
    """From the first to the last of hidden words that follow each other, pauses between them included."""
    for masked, run in groupby(
        utterance.words, key=lambda word: (utterance.channel, word.span) in hidden
    ):
        if masked:
            spans = [word.span for word in run]
            yield Span(min(s.start_ms for s in spans), max(s.end_ms for s in spans))
