"""Tokens and where the decoder looked when it wrote them -> words with times.

After openai-whisper's ``find_alignment``: each token begins at the first frame of its stretch on the
path through the cross-attention of the model's alignment heads. CTranslate2 finds that path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faster_whisper.tokenizer import Tokenizer

from pipeline.records import Span, Word

FRAME_MS = 20
"""What one frame of the encoder's output stands for."""

LONGEST_SYLLABLE_MS = 400
"""A syllable of Mandarin takes 150-300 ms. The path through the attention waits out a pause at the token
after it, so a word that seems longer began later than that."""

CLOSING = frozenset("\"'.。,，!！?？:：”)]}、")
"""Punctuation that is written to the word before it (as openai-whisper does)."""


def timed_words(tokens: Sequence[int], aligned: Any, tokenizer: Tokenizer) -> tuple[Word, ...]:
    """The words of a window, times in ms from its start.

    Args:
        tokens: the text, without control tokens
        aligned: ``ctranslate2.models.WhisperAlignment``: pairs of (token, frame), and each token's
            probability
        tokenizer: of the model
    """
    starts: dict[int, int] = {}
    for token, frame in aligned.alignments:
        starts.setdefault(token, frame)
    texts, pieces = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    words: list[Word] = []
    first = 0
    for text, piece in zip(texts[:-1], pieces[:-1], strict=True):
        behind = first + len(piece)
        probabilities = aligned.text_token_probs[first:behind]
        start, end = starts[first] * FRAME_MS, starts[behind] * FRAME_MS
        if words and text.strip() in CLOSING:
            before = words[-1]
            words[-1] = Word(before.text + text, before.span, before.probability)
        else:
            probability = round(sum(probabilities) / len(probabilities), 4)
            start = max(start, end - LONGEST_SYLLABLE_MS * len(text.strip()))
            words.append(Word(text, Span(start, end), probability))
        first = behind
    return tuple(words)
