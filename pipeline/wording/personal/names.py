"""Names of persons: after a form of introduction, before a form of address, or spelled out.

A surname alone is an ordinary character (黃色, 高興, 方便), so that it counts only with such a cue, and not
where jieba's dictionary has it in a word with its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.personal.latin import latin_names
from pipeline.wording.personal.spelling import spellings
from pipeline.wording.personal.vocabulary import (
    COMPOUND_SURNAMES,
    FAMILIAR_WORDS,
    GIVEN,
    GIVEN_ALONE,
    NEVER_IN_NAMES,
    NOT_AFTER_AH,
    NOT_IN_GIVEN_NAMES,
    SHORT_TITLES,
    SURNAMES,
    TITLES,
    WRITTEN_BY,
)
from pipeline.wording.segment import frequency

_TITLED = re.compile(rf"(?P<long>{TITLES})|(?P<short>{SHORT_TITLES})")
_SAYS_SURNAME = re.compile(r"(?<![贵百老])姓(?:氏)?(?:是)?\s?(?P<name>[一-鿿]{1,2})")
_MISHEARD = re.compile(
    r"(?<=[室房号户座楼栋零一二三四五六七八九])(?:[性幸信兴醒杏]|(?<=[室房户座楼栋])星)"
    r"(?![箱用息封任号奋趣运期别格质能件心好亏福苦])(?P<name>[一-鿿])"
)
"""「十二樓姓張」 as recognition may write it: 十二樓信張."""

_FREE = re.compile(r"免贵(?!姓)(?:是|叫)?\s?(?P<name>[一-鿿])")
_GIVEN_AFTER = re.compile(
    r"(?:姓[一-鿿]{1,2}[,，\s]+名(?![下额单])|单名一?个?|单字一?个?)(?P<name>[一-鿿]{1,2}?)(?=字|$|[,，。.\s\0])"
)
"""「姓何，名偉」, 「單名一個靜字」."""

_SURNAME_OF = re.compile(r"(?P<name>[一-鿿])姓(?=住户|业主|客户|租客|男|女|先生|小姐|太太)")
_ANSWERED = re.compile(
    r"(?:怎么称呼|贵姓(?:大名)?|[大全]名|姓什么|姓啥|哪位|收件人|联[系络]人|业主|户名)[\s呢啊呀吗?？是,，嗯呃您你]*"
)
_AFTER_ANSWER = re.compile(r"[啊呀,，。\s\0的]|什么|某|$")
_NOT_SURNAME = frozenset("名什啥甚谁氏是的不吗呢么哪大贵我你他她您在有")
_INTRODUCED = re.compile(
    rf"(?P<strong>(?:我|名字|名|他|她|本人)就?叫[做作]?|名字(?:是|写|为)?|{WRITTEN_BY}|"
    r"姓[一-鿿]{1,2}[,，\s]+我?(?:名(?:字|叫)?(?:叫|是|写)?|叫做?))[:：\s]*"
    r"|(?P<weak>叫做?|找(?:一下)?|(?:业主|屋主|房东|车主|住户|租客)是?|我是|这里是|这边是|这位是|前台|客服|同事|"
    r"老公|老婆|爱人|爸爸?|妈妈?|弟弟|哥哥|姐姐|妹妹|先生是|太太是|儿子|女儿|朋友|管家|保安)\s*"
    r"|(?P<bare>是|师傅|先生|太太|请|(?:登记|核对|寄给|[大全]名)[,，]?|"
    r"[\0零一二三四五六七八九0-9室房户座楼栋号][,，])\s*"
    r"|(?P<housed>[\0零一二三四五六七八九0-9室房户座楼栋号]的)"
)
"""What announces a name: strongly, so that none but a name follows; weakly; hardly; or a home it is of."""
_AFTER_BARE = re.compile(r"$|[吗嘛吧呀啊呢，,。.、！!？?\s\0]|本人|住|讲|说|来|打|电话|手机")
"""What must follow a name that only 是 or a title before it announces."""
_FAMILIAR = re.compile(
    r"(?P<size>[小老])(?P<surname>[一-鿿])|阿(?P<given>[一-鿿])|"
    r"(?:我是|找|叫我?|客服|前台|同事|管家|保安|柜台)(?P<called>小(?P<any>[一-鿿]))"
)
_PLACE = re.compile(
    "[一-鿿]?(?:庭|园|苑|城|府|湾|居|轩|阁|邨|新村|物业|管理处|小区|社区|大厦|广场|公司|集团|银行|路|街|医院|学校|酒店)"
)
"""What makes a name that of an estate or a firm: 金碧華庭, 龍湖花園."""

_FIRM = re.compile("物业|管理处|服务中心|小区|社区|大厦|广场|公司|集团|银行|医院|学校|酒店")
"""Words of which a name may have taken the beginning: *萬科物*業."""

_GIVEN_NAME = re.compile(f"[大小{GIVEN}][{GIVEN}]")
_BARE = re.compile(f"(?=(?P<name>[{''.join(sorted(SURNAMES))}][{GIVEN}]{{2}}))")
_SHORT_NAME = re.compile(
    f"(?:我是|叫我|这是|是我)(?P<two>[{GIVEN}]{{2}})"
    rf"|(?:^|(?<=[\s,，。\0的给跟和找请叫是]))(?P<pair>[{''.join(sorted(SURNAMES))}][{GIVEN}])"
    r"(?=$|[\s,，。\0的说在你您要打]|电话|手机|身[份分]|住|车牌|先生)"
    rf"|(?:^|(?<![{GIVEN}小大表老]))(?P<one>[{GIVEN}])(?=[姐哥叔姨嫂]|仔(?!细|裤|肉|猪))"
)
_NO_GIVEN_NAMES = frozenset(
    ("子", "才", "书", "学", "心", "国", "童书", "文青", "马虎", "舒心", "成才", "心仪", "高洁")
)
"""Ordinary words among them."""
_IDIOM = re.compile("张三李四|老王卖瓜|路人甲|张三|李四")
_BEFORE_FAMILIAR = frozenset("大从变最很")

Spans = list[tuple[int, int]]


def names(text: str) -> Spans:
    """Where names stand in a folded text.

    >>> [text[a:b] for text in ["我姓陈耳东陈找黄色门口的林美玲小姐"] for a, b in names(text)]
    ['陈', '耳东陈', '林美玲']
    """
    spelled = list(spellings(text))
    bare = text
    for start, end in (*spelled, *(found.span() for found in _IDIOM.finditer(text))):
        bare = bare[:start] + "\0" * (end - start) + bare[end:]
    found = {
        *spelled,
        *_titled(bare),
        *_introduced(bare),
        *_surnames(bare),
        *latin_names(bare),
        *_familiar(bare),
        *_bare(bare),
        *_given(bare),
    }
    return merged(found)


def merged(spans: set[tuple[int, int]]) -> Spans:
    """In order, those that overlap as one; neighbours stay apart."""
    kept: Spans = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _titled(text: str) -> Iterator[tuple[int, int]]:
    for found in _TITLED.finditer(text):
        at = len(text[: found.start()].rstrip(" ")) if found["long"] else found.start()
        start = _name_before(text, at, bool(found["long"]))
        if start is None:
            continue
        if found["short"] and (frequency(text[start : at + 1]) or frequency(text[at - 1 : at + 1])):
            continue
        yield start, at


def _name_before(text: str, at: int, titled: bool) -> int | None:
    """Where the name begins that ends at ``at``: 陈, 欧阳, 陈大文; ``None`` where none does.

    ``titled``: before 先生 and the like a given name may be a word as well, 王大明.
    """
    for size in (4, 3, 2):
        name = text[at - size : at] if size <= at else ""
        given = size == 3 and titled and _can_only_be_a_name(name)
        whole = _is_full_name(name, strong=given) and (given or not _is_ordinary(name))
        if whole and not _joined(text, at - size):
            return at - size
    if at >= 2 and text[at - 2 : at] in COMPOUND_SURNAMES:
        return at - 2
    if at >= 1 and text[at - 1] in SURNAMES and not _joined(text, at - 1):
        if at >= 2 and text[at - 2] in "小老阿":
            return at - 2
        return at - 1
    return None


def _joined(text: str, at: int) -> bool:
    """Whether the character at ``at`` makes an ordinary word with the one before it: 由*于*, 水*管*."""
    return at > 0 and text[at - 1] not in "小老阿姓叫找是" and frequency(text[at - 1 : at + 1]) > 20


def _is_full_name(name: str, strong: bool = False) -> bool:
    """Surname and given name of one or two characters, none of them of ordinary words.

    After a ``strong`` cue only a whole name that is a word is doubted, and few characters are barred.
    """
    surname = 2 if name[:2] in COMPOUND_SURNAMES else 1
    given = name[surname:]
    if not 1 <= len(given) <= 2 or (surname == 1 and name[0] not in SURNAMES):
        return False
    barred = NEVER_IN_NAMES if strong else NOT_IN_GIVEN_NAMES
    if _TITLED.fullmatch(given) or any(
        char in barred or not "一" <= char <= "鿿" for char in given
    ):
        return False
    return surname == 2 or strong or not _is_word(name[:2], len(given))


_ORDINARY = 3000
"""From this frequency on, two characters are a word (公司) rather than a given name."""


def _is_ordinary(name: str) -> bool:
    """Whether a surname and an everyday word look like a name: 龍公司."""
    return len(name) == 3 and frequency(name[1:]) > _ORDINARY


def _is_word(pair: str, given: int) -> bool:
    """Whether surname and first character are an ordinary word (方便); rarer ones are names as well."""
    return frequency(pair) > (300 if given == 2 else 100)


def _introduced(text: str) -> Iterator[tuple[int, int]]:
    for found in _INTRODUCED.finditer(text):
        start, end = found.end(), _announced(found, text)
        if end is None or (not found["strong"] and _is_place(text, start, end)):
            continue
        if found["bare"] and (_is_ordinary(text[start:end]) or not _AFTER_BARE.match(text, end)):
            continue
        yield start, end


def _announced(found: re.Match[str], text: str) -> int | None:
    """Where the name ends that something announces."""
    start = found.end()
    if found["housed"]:
        end = _whole_name(text, start)
        return None if frequency(text[start:end]) else end
    end = _name_from(text, start, bool(found["strong"]))
    return _whole_name(text, start) if end is None and found["weak"] else end


def _is_place(text: str, start: int, end: int) -> bool:
    """Whether what looks like a name is that of an estate or a firm, which may go on behind it."""
    return bool(_PLACE.match(text, end)) or any(_FIRM.match(text, at) for at in range(start, end))


def _name_from(text: str, start: int, strong: bool) -> int | None:
    """Where the name ends that begins at ``start``; a strong cue needs no surname."""
    compound = text[start : start + 2] in COMPOUND_SURNAMES
    surnamed = compound or text[start : start + 1] in SURNAMES
    end, barred = start, NEVER_IN_NAMES if strong and surnamed else NOT_IN_GIVEN_NAMES
    while (
        end < len(text)
        and end - start < 4
        and "一" <= text[end] <= "鿿"
        and text[end] not in barred
    ):
        end += 1
    longest = min(end, start + (4 if compound else 3))
    titled = _TITLED.search(text, start, longest + 3)
    if titled and titled["long"]:
        longest = min(longest, titled.start())
    if longest - start < 2:
        return None
    if surnamed:
        for size in range(longest - start, 1, -1):
            if _is_full_name(text[start : start + size], strong):
                return start + size
        return None
    if not strong or frequency(text[start : start + 2]) > 20:
        return None
    return longest


def _whole_name(text: str, start: int) -> int | None:
    """Where a surname and two characters of given names end, after which no word goes on: 我是張家豪。"""
    end = start + 3
    return end if _can_only_be_a_name(text[start:end]) and _AFTER_BARE.match(text, end) else None


def _can_only_be_a_name(name: str) -> bool:
    """Whether a surname and two characters are nothing else that anybody says: 林月娥."""
    if len(name) < 3 or name[0] not in SURNAMES:
        return False
    if _GIVEN_NAME.fullmatch(name[1:]):
        return True
    return (
        _is_full_name(name, strong=True) and not frequency(name[:2]) and frequency(name[1:]) < 300
    )


def _surnames(text: str) -> Iterator[tuple[int, int]]:
    for found in _MISHEARD.finditer(text):
        if found["name"] in SURNAMES:
            yield found.span("name")
    for found in _SAYS_SURNAME.finditer(text):
        start = found.start("name")
        if text[start] in _NOT_SURNAME or text[max(0, found.start() - 1)] in SURNAMES:
            continue
        compound = found["name"] in COMPOUND_SURNAMES
        yield start, start + (2 if compound else 1)
    yield from (found.span("name") for found in _GIVEN_AFTER.finditer(text))
    for found in (*_SURNAME_OF.finditer(text), *_FREE.finditer(text)):
        if found["name"] in SURNAMES:
            yield found.span("name")
    for found in _ANSWERED.finditer(text):
        start = found.end()
        for size in (4, 3, 2, 1):
            name = text[start : start + size]
            known = name in COMPOUND_SURNAMES or name in SURNAMES or _is_full_name(name)
            known = known or (size == 3 and _can_only_be_a_name(name))
            if known and len(name) == size and _AFTER_ANSWER.match(text, start + size):
                yield start, start + size
                break


def _bare(text: str) -> Iterator[tuple[int, int]]:
    """Surname and two characters of given names, none of them of an ordinary word: 林志明."""
    for found in _BARE.finditer(text):
        start, end = found.span("name")
        name = found["name"]
        pairs = (text[max(0, start - 1) : start + 1], name[:2], text[end - 1 : end + 1])
        known = any(len(pair) == 2 and frequency(pair) > 20 for pair in pairs)
        if not known and frequency(name[1:]) < 300 and not _is_place(text, start, end):
            yield start, end


def _given(text: str) -> Iterator[tuple[int, int]]:
    """Given names alone: 我是美玲, 芳姐; and surname with one character between boundaries: 張偉."""
    for found in _SHORT_NAME.finditer(text):
        name = found["two"] or found["pair"] or found["one"]
        group = "two" if found["two"] else "pair" if found["pair"] else "one"
        start, end = found.span(group)
        word = text[start : end + 1] if found["one"] else name
        limit = 50 if found["one"] else 200
        if name in _NO_GIVEN_NAMES or name.endswith("子"):
            continue
        if frequency(word) < limit and not _is_place(text, start, end):
            yield start, end


def _familiar(text: str) -> Iterator[tuple[int, int]]:
    """小李, 老张, 阿玲."""
    for found in _FAMILIAR.finditer(text):
        start, end = found.span("called") if found["called"] else found.span()
        before, after = text[max(0, start - 1) : start], text[end - 1 : end + 1]
        if found["called"]:
            if found["any"] not in NOT_IN_GIVEN_NAMES and not frequency(found["called"]) > 50:
                yield start, end
        elif found["given"]:
            if (
                found["given"] not in NOT_AFTER_AH | NOT_IN_GIVEN_NAMES
                and not frequency(found.group()) > 300
            ):
                yield start, end
        elif (
            (
                found["surname"] in SURNAMES
                or (found["size"] == "小" and found["surname"] in GIVEN_ALONE)
            )
            and not FAMILIAR_WORDS.fullmatch(found.group())
            and before not in _BEFORE_FAMILIAR
            and not (len(after) == 2 and frequency(after) > 200)
        ):
            yield start, end
