"""Numbers read out: runs of digits and letters, however they are written, with what is said in between.

A run is everything that one breath of dictation may hold: digits in either writing (0912, 零九一二), the
wireless forms (洞 0, 幺 1, 兩 2, 拐 7, 勾 9), letters, 「三個八」 for 888, and between them spaces,
dashes, 「杠」「轉」「括號」 and fillers (嗯, 然後, 再來). Numerals with a place value (三十) are amounts
and end a run. What a run *is* is settled elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline.wording.personal.values import INVISIBLE
from pipeline.wording.segment import frequency

VALUES = dict(zip("0123456789", "0123456789", strict=True)) | dict(
    zip(
        "零〇○洞一幺壹二两贰三参叁四肆五伍六七拐柒八捌九勾玖",
        "00001112223334455677788999",
        strict=True,
    )
)
"""The digit behind each numeral; 洞 拐 勾 兩 count only beside others."""

HOMOPHONES = {
    **dict.fromkeys("令林领灵铃", "0"),
    **dict.fromkeys("衣医依腰要妖邀", "1"),
    **dict.fromkeys("而儿耳", "2"),
    **dict.fromkeys("山散", "3"),
    **dict.fromkeys("是寺事思司", "4"),
    **dict.fromkeys("我午舞武", "5"),
    **dict.fromkeys("流留刘陆", "6"),
    **dict.fromkeys("起期妻其", "7"),
    **dict.fromkeys("吧把爸巴", "8"),
    **dict.fromkeys("就久酒", "9"),
}
"""What recognition writes for a digit it mishears. They count between two digits of a long run only."""

LONG = 7
"""Digits from which a run is a number whatever is said about it; local telephone numbers have as many."""

_D = "[0-9零〇○洞一幺壹二两贰三参叁四肆五伍六七拐柒八捌九勾玖]"
_PLACES = "十百千万亿"
_FILLER = (
    "嗯+|呃+|额|唉|欸|诶|啊|哦|喔|噢|唔|那个|然后是?|再来是?|接着是?|接下来是?|就是|等一下啊?|杠|槓|横杠|横线|"
    "dash|转|分机|内线|括[号弧]|之|空格|大写的?|最后是?(?=[ ]*(?:x|叉))"
)
_NO_LETTERS = "id|ic|at|mr|ms|mrs|vip|app|atm|qq|ok|hi|no|yes|is|my|am|pm|kg|cm|km|ip|sim|line|usb"
_ENGLISH = dict(
    zip(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        "0123456789",
        strict=True,
    )
)
_WORD = f"(?:{'|'.join(_ENGLISH)})"
_TIMES = {"double": 2, "孖": 2, "双": 2, "triple": 3}
"""What is said before a digit that comes several times, in Hong Kong above all: 「double 七」."""

_PIECE = re.compile(
    rf"(?P<count>[一二两三四五六七八九]个(?:{_D})(?![{_PLACES}个]))"
    rf"|(?P<repeated>(?:double\s?|triple\s?|(?<=(?!一){_D})[双孖])(?:{_D}(?![{_PLACES}])|{_WORD}(?![a-z])))"
    rf"|(?P<english>(?<![a-z]){_WORD}(?![a-z]))"
    rf"|(?P<digit>{_D}(?![十百千万])(?:(?!亿)|(?<={_D}{{7}})))"
    rf"|(?P<letters>(?<![a-z])(?!(?:{_NO_LETTERS})(?![a-z]))[a-z]{{1,3}}(?![a-z])|叉(?![车口]))"
    rf"|(?P<misheard>(?<={_D})[{''.join(HOMOPHONES)}](?={_D}))"
    rf"|(?P<filler>{_FILLER}|(?<={_D}{{3}})点(?={_D}{{3}}))"
    rf"|(?P<gap>[\s{INVISIBLE}_\-‐‑‒–—―−－ー,，.。、…·•~～/()（）+#]+)"
)
_DIGITS = re.compile(f"{_D}|{_WORD}")
_REPEATED = re.compile("|".join(_TIMES))
BREAK = re.compile(r"[\s,，、。]+")
"""Where what is said next may begin."""

UNIT = re.compile(
    r"\s?[多几来]?(?:元|块|圆|毛|角|分(?!机)|秒|点(?!\s?(?:com|net|org|cn|tw|hk))|时(?!候)|小时|天|日|月|年|岁|个|件|包|"
    "箱|袋|人|次|遍|趟|度|吨|公|升|米|尺|坪|平|寸|厘|毫|克|斤|瓦|伏|%|倍|折|成|级|页|种|份|桶|瓶|台(?!湾)|辆|组|根|片|楼|"
    "层|栋|座|幢|期|季|周|桌|班|条|款|连假|公园|纪念|事件|事变|节|星期|礼拜|地震|专案|路(?![口边灯])|欧|美金|港币|台币|人民币|k|g|w|v)"
)
"""What follows a count or a sum."""


@dataclass(frozen=True, slots=True)
class Token:
    """Digits or letters of a run: where they stand in the folded text, and what they say."""

    start: int
    end: int
    says: str
    misheard: bool = False


@dataclass(frozen=True)
class Run:
    """Digits and letters said in one go."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @cached_property
    def says(self) -> str:
        """Digits as 0 to 9, letters as they are: 「A 一二三個八」 is a12888."""
        return "".join(token.says for token in self.tokens)

    @cached_property
    def digits(self) -> str:
        """The digits alone."""
        return "".join(char for char in self.says if char.isdigit())

    @property
    def lettered(self) -> bool:
        return len(self.digits) < len(self.says)

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """The stretches of the text to hide: tokens, with a space or a dash between them but no word."""
        joined: list[tuple[int, int]] = []
        for token in self.tokens:
            between = text[joined[-1][1] : token.start] if joined else None
            if between is not None and len(between) <= 1 and not between.isalnum():
                joined[-1] = (joined[-1][0], token.end)
            else:
                joined.append((token.start, token.end))
        return tuple(joined)


def runs(text: str) -> Iterator[Run]:
    """The runs of a folded text that hold two digits or more, in order.

    >>> [run.says for run in runs("粤 b 一二三 嗯 四五 两个八, 三十块")]
    ['b1234588']
    """
    if len(_DIGITS.findall(text)) < 2 and not _REPEATED.search(text):
        return
    tokens: list[Token] = []
    reached = 0
    for piece in _PIECE.finditer(text):
        if piece.start() != reached and tokens:
            if len(tokens) > 1 or len(tokens[0].says) > 1:
                yield from _settled(tokens, text)
            tokens = []
        reached = piece.end()
        kind = piece.lastgroup or ""
        if kind not in ("filler", "gap"):
            tokens.append(Token(*piece.span(), _says(kind, piece.group()), kind == "misheard"))
    if tokens:
        yield from _settled(tokens, text)


def _says(kind: str, written: str) -> str:
    if kind == "count":
        return VALUES[written[2]] * int(VALUES[written[0]])
    if kind == "repeated":
        word = next(word for word in _TIMES if written.startswith(word))
        again = written.removeprefix(word).strip()
        return _TIMES[word] * VALUES.get(again, _ENGLISH.get(again, ""))
    if kind == "english":
        return _ENGLISH[written]
    if kind == "misheard":
        return HOMOPHONES[written]
    return "x" if written == "叉" else VALUES.get(written, written)


def _settled(tokens: list[Token], text: str) -> Iterator[Run]:
    """Runs with misheard digits kept where they make a long number, else cut there; only with digits."""
    whole = Run(tuple(tokens))
    heard = sum(not token.misheard for token in tokens)
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.misheard and (len(whole.digits) < LONG or heard < LONG - 2):
            parts.append([])
        else:
            parts[-1].append(token)
    for part in parts:
        kept = _without_next(_without_amount(part, text), text)
        kept = _with_first(_with_last(kept, text), text)
        if sum(len(token.says) for token in kept if token.says.isdigit()) > 1:
            yield Run(tuple(kept))


def _without_next(tokens: list[Token], text: str) -> list[Token]:
    """Without one or two digits at the end, behind a break, that begin what is said next: 1205，*3*天,
    or a word: …5878，*一*定.
    """
    for size in (1, 2):
        if len(tokens) <= size:
            break
        last = tokens[-size:]
        parted = BREAK.search(text[tokens[-size - 1].end : last[0].start])
        joined = size == 1 or last[0].end == last[1].start
        if parted and joined and all(token.says.isdigit() for token in last):
            word = text[last[0].start : last[0].end + 1]
            begins_word = size == 1 and len(word) > 1 and frequency(word) > 0
            if UNIT.match(text, last[-1].end) or begins_word:
                return tokens[:-size]
    return tokens


def _with_last(tokens: list[Token], text: str) -> list[Token]:
    """With 億 behind a long number, which is 一 misheard."""
    if len(tokens) >= LONG and text.startswith("亿", tokens[-1].end):
        return [*tokens, Token(tokens[-1].end, tokens[-1].end + 1, "1", True)]
    return tokens


def _with_first(tokens: list[Token], text: str) -> list[Token]:
    """With the first digit of a mobile number that was misheard: 腰三八…, 林九一二…."""
    said = "".join(token.says for token in tokens)
    first = "1" if len(said) == 10 and said[0] in "3456789" else "0"
    if not said.isdigit() or (first == "0" and not (len(said) == 9 and said[0] == "9")):
        return tokens
    at = tokens[0].start - 1
    missing = HOMOPHONES.get(text[at]) if at >= 0 else None
    if missing is None or missing != first:
        return tokens
    return [Token(at, at + 1, missing, True), *tokens]


def _without_amount(tokens: list[Token], text: str) -> list[Token]:
    """Without the digits at the end that begin an amount: 12 of 12萬."""
    after = text[tokens[-1].end : tokens[-1].end + 1] if tokens else ""
    if after and after in _PLACES and not (after == "亿" and len(tokens) >= LONG):
        while tokens and tokens[-1].says.isdigit():
            last = tokens.pop()
            if tokens and tokens[-1].end != last.start:
                break
    return tokens
