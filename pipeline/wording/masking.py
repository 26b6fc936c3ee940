"""Personal data in what is shown: numbers, addresses, names, e-mail replaced by :data:`MASK`.

The store keeps what was said, since rules may be about it; what is printed or exported is masked
unless asked otherwise. Masking keeps every text's length, so that times and highlights still fit.
What is personal is found in the whole conversation (:mod:`pipeline.wording.personal`), since a number is
dictated over several turns; quotes are masked as the words they quote are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.records import Call, CallRecord, Judged, Span, Utterance, Word, worded
from pipeline.wording.personal import PersonalData, Turn, digits_in, find_in_text, find_personal
from pipeline.wording.personal.values import folded
from pipeline.wording.rewording import Details, reworded

MASK = "＊"

SEVERAL = "、"
"""Stands between the details of several findings in one reason."""

PERSONAL_COLUMN = re.compile(
    r"phone|mobile|name$|name[_ ]?(?:zh|en|cn|tw|hk|local|\()|address|calling_party|"
    r"^contact(?:_?(?:name|no|number|person|tel))?$|"
    r"e-?mail|plate|id_?card|room(?:_?(?:no|number))?$|^(?:tel|from|to|ani|dnis|cli)$|"
    r"^(?:flat|unit|tower|block|door|house)(?:[_ ]?(?:no|number))?$|"
    r"^(?:caller|callee|customer|client|owner|resident|account)(?:[_ ]?(?:no|number|id|tel))?$|"
    r"电话|手机|号码|姓名|名字|(?:客户|[业屋户]主|住户|租客|租户)名称|称呼|地址|住址|房号|门牌|车牌|身份证|身分证|帐号|账号|卡号|邮箱|信箱|"
    r"^户(?:主|名|号|籍)|^[业屋]主$|^(?:住户|楼宇)?单位号?$|^(?:房间|单元|楼层|楼栋|building)号?$|[楼栋座]号$|"
    r"联[络系](?:方式|窗口|资料)|主叫|被叫|"
    r"^(?:客户|客人|顾客|业主|住户|住客|租户|租客|访客|来电|来电者|visitor|guest|tenant)$|"
    r"(?:报修|报事|来电|来访|联络|联系|投诉|举报|申请|委托|登记|承租|收件|收款|付款)[人者](?![数次])|"
    r"(?:[业屋户]主|租[户客]|住[户客]|客[户人])名$|[全大]名|姓氏|室号|楼座|住所|单位编号|居住单位|微信|"
    r"wechat|whatsapp|telegram|^line(?:_?id)?$|^tel[._]|^addr|apartment|^(?:from|to)_number$|^src$|^dst$"
)
"""Columns of calls.csv that callqa has no use for and whose values are masked whole; folded."""

COMPANY_COLUMN = re.compile(
    r"agent|operator|staff|site|project|queue|skill|group|department|(?<!pro)file|客服|坐席|座席|员工|项目|技能|部门"
)
"""Columns of the company's own, which are masked only where a value looks personal by itself."""

RESIDENT_COLUMN = re.compile(
    r"(?:联[络系]|报修|报事|投诉|申请|登记)人(?!员)|房号|室号|门牌|住址|"
    r"(?:客户|业主|住户|租客|访客|来电|customer|caller|resident|tenant|visitor)[ _-]?的?"
    r"(?:姓名|名字|电话|手机|号码|地址|name|phone|mobile|number|address)"
)
"""Whatever else such a column names, 「客戶姓名（客服填）」, it is a resident's."""

_DATE = re.compile(
    r"(?:(?:\d{2,4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})"
    r"(?:[T ]\d{1,2}:\d\d(?::\d\d)?)?|\d{8}T\d{4}(?:\d\d)?)",
    re.ASCII,
)
"""A date that may be none. A telephone number that is written in three parts, 0912-34-5678, ends in four
digits and begins with more than two."""

_SEVERAL_WORDS = re.compile(
    "(?<![A-Za-z])(?:[A-Z][A-Za-z]+[ ,.]+[A-Za-z]{2,}|[A-Za-z]{2,}[ ,.]+[A-Z][A-Za-z]+)"
)
"""What may be a name in Latin letters. One word, or small letters, may as well be a slip: 「back door」."""

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


@lru_cache(maxsize=4096)
def mask(text: str) -> str:
    """The text with personal data replaced, at the same length.

    >>> mask("我姓陳，電話是13826507731")
    '我姓＊，電話是＊＊＊＊＊＊＊＊＊＊＊'
    """
    return hide(text, find_in_text(text))


def hide(text: str, found: Iterable[PersonalData]) -> str:
    """The text with the characters of some personal data replaced, at the same length."""
    for one in found:
        text = text[: one.start] + MASK * (one.end - one.start) + text[one.end :]
    return text


def mask_value(value: str) -> str:
    """A value that is not what its column is for, which may be anybody's: hidden where it looks personal.

    Names are not told from other words without a sentence around them: beyond ASCII all is hidden.

    >>> mask_value("many"), mask_value("0912345678"), mask_value("王小明"), mask_value("13/40/2025")
    ('many', '＊＊＊＊＊＊＊＊＊＊', '＊＊＊', '13/40/2025')
    >>> mask_value("Chan Tai Man")
    '＊＊＊＊＊＊＊＊＊＊＊＊'
    """
    if _DATE.fullmatch(value):
        return value
    plain = value.isascii() and "\\" not in value and not _SEVERAL_WORDS.search(value)
    return mask(value) if plain else MASK * len(value)


def _mask_warning(warning: str) -> str:
    """Only what is quoted: the figures of a warning are of the recording."""
    return _QUOTED.sub(
        lambda found: f"{found[0][0]}{mask_value(found[0][1:-1])}{found[0][-1]}", warning
    )


def mask_judged(judged: Judged) -> Judged:
    """A call and its scorecard as they may be shown."""
    return reworded(judged, _Masked(judged.call))


def masked_words(call: Call) -> tuple[tuple[int, Span], ...]:
    """Channel and time of every word that holds personal data, in order of time; a word is named once.

    Dropped words have no times of their own, so that all their span is named where one is personal.
    """
    own, dropped = _found_in(call)
    spans = [
        (utterance.channel, word.span)
        for utterance, found in zip(call.utterances, own, strict=True)
        if found
        for word, begun, ended in _places(utterance)
        if any(one.start < ended and begun < one.end for one in found)
    ]
    spans += [
        (drop.channel, drop.span)
        for drop, found in zip(call.dropped, dropped, strict=True)
        if found
    ]
    return tuple(sorted(dict.fromkeys(spans), key=lambda one: (one[1], one[0])))


Found = tuple[PersonalData, ...]


def _found_in(call: Call) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """What the call's utterances hold, and what its dropped words do.

    Dropped words hold whatever was said in the call, and every number, since they may be a part of one.
    """
    turns = [Turn((one.channel, one.speaker), one.text) for one in call.utterances]
    turns += [Turn(("dropped", place), one.text) for place, one in enumerate(call.dropped)]
    found = find_personal(turns)
    own, dropped = found[: len(call.utterances)], found[len(call.utterances) :]
    return own, tuple(
        (*some, *digits_in(drop.text)) for some, drop in zip(dropped, call.dropped, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Voice:
    """All a voice said, as it is and as it is shown."""

    said: str
    shown: str


class _Masked:
    """A call's words as they may be shown: see :class:`pipeline.wording.rewording.Rewording`."""

    def __init__(self, call: Call) -> None:
        own, dropped = _found_in(call)
        record = _mask_record(call.recording.record)
        self.call = replace(
            call,
            recording=replace(call.recording, record=record),
            utterances=tuple(map(_mask_utterance, call.utterances, own)),
            dropped=tuple(
                replace(drop, text=hide(drop.text, found)) if found else drop
                for drop, found in zip(call.dropped, dropped, strict=True)
            ),
            warnings=tuple(map(_mask_warning, call.warnings)),
        )
        tags = zip(call.recording.record.tags, record.tags, strict=True)
        self._tags = {f"{name}={value}": f"{name}={shown}" for (name, value), (_, shown) in tags}
        self._voices = _voices(call.utterances, self.call.utterances) if any(own) else ()

    def quote(self, text: str) -> str:
        """Words of the call: hidden where they are hidden at any place they stand at, or by themselves.

        A ruling on a tag quotes it as ``column=value``.
        """
        masked = self._tags.get(text) or mask(text)
        for voice in self._voices:
            at = voice.said.find(text)
            while at >= 0:
                masked = _both(masked, voice.shown[at : at + len(text)])
                at = voice.said.find(text, at + 1)
        return masked

    def details(self, details: Details) -> Details:
        """Details of a reason: quotes, one or several, the value of a tag, or figures, which quote nobody."""
        field = next((value for name, value in details if name == "field"), "")
        return tuple([(name, self._detail(name, value, field)) for name, value in details])

    def _detail(self, name: str, value: str, field: str) -> str:
        if name == "value" and f"{field}={value}" in self._tags:
            return self._tags[f"{field}={value}"].removeprefix(f"{field}=")
        if value.isascii():
            return mask(value)
        if SEVERAL not in value:
            return self.quote(value)
        return SEVERAL.join(map(self.quote, value.split(SEVERAL)))


def _voices(said: Sequence[Utterance], shown: Sequence[Utterance]) -> tuple[_Voice, ...]:
    texts: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for one, other in zip(said, shown, strict=True):
        texts.setdefault((one.channel, one.speaker), []).append((one.text, other.text))
    voices = (
        _Voice("".join(a for a, _ in pairs), "".join(b for _, b in pairs))
        for pairs in texts.values()
    )
    return tuple(voice for voice in voices if voice.said != voice.shown)


def _both(text: str, other: str) -> str:
    """Hidden where either is."""
    return "".join(b if b == MASK else a for a, b in zip(text, other, strict=True))


def _places(utterance: Utterance) -> Iterable[tuple[Word, int, int]]:
    """Each word with the characters of the utterance it takes."""
    at = 0
    for word in utterance.words:
        yield word, at, at + len(word.text)
        at += len(word.text)


def _mask_utterance(utterance: Utterance, found: Found) -> Utterance:
    """Masked as one text, then cut back into its words: a number spans several."""
    if not found:
        return utterance
    words = worded(hide(utterance.text, found), utterance.words)
    return replace(utterance, words=words, heard="")


def _mask_record(record: CallRecord) -> CallRecord:
    """Tags of personal columns are hidden whole, others as any text is."""
    if not record.tags:
        return record
    return replace(record, tags=tuple((name, mask_tag(name, value)) for name, value in record.tags))


def mask_tag(column: str, value: str) -> str:
    """A value of a column of calls.csv as it may be shown.

    >>> mask_tag("來電號碼", "28364917"), mask_tag("shift", "night")
    ('＊＊＊＊＊＊＊＊', 'night')
    """
    name = folded(column)
    companys = COMPANY_COLUMN.search(name) and not RESIDENT_COLUMN.search(name)
    if PERSONAL_COLUMN.search(name) and not companys:
        return MASK * len(value)
    return mask(value)
