"""What a run of digits is: a telephone, identity, plate or bank number, a room, or nobody's affair.

Long runs are somebody's number whatever is said about them. Shorter ones are by the words around them
(尾號, 後四碼, 車牌), by a plate's form, or, three or four digits without a unit, a room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.personal.numerals import LONG, UNIT, Run
from pipeline.wording.personal.values import Kind

CUES: dict[Kind, str] = {
    "phone": (
        "电话|手机|手提|门号|座机|坐机|市话|专线|总机|传真|号码|好马|联络|联系|回电|打给|拨给|区码|区号|国码|"
        "whatsapp|微信|line"
    ),
    "id": "身份|身分|证件|证号|居住证|居留证|护照|台胞证|回乡证|通行证|id",
    "plate": "车牌|车号|牌照|车主|车子|台车|辆车",
    "bank": (
        "卡号|银行|信用卡|储蓄卡|帐号|账号|帐户|账户|户头|存折|存摺|汇款|转账|转帐|代扣|退款|邮局|农行|工行|建行|中行|"
        "招行|的卡|这张卡"
    ),
}
"""Words before a number by which it is of that kind."""

_SOME = "[一二两三四五六七八3-8]"
_PART = (
    f"尾号|尾数|尾码|[尾头]{_SOME}[位码个]|末{_SOME}?[位码]?|[后前]{_SOME}[位码个]|最后{_SOME}?[位码个]?|后面{_SOME}?[位码个]?|前面|中间|"
    "开头|开始是|结尾"
)
_CUE = re.compile(
    "|".join(f"(?P<{kind}>{words})" for kind, words in CUES.items()) + f"|(?P<part>{_PART})"
)
_PART_AFTER = re.compile(r"\s?(?:开头|结尾|打头|那支|这支|这个号码|那个号码)")
"""Words for a part of a number, before it and behind it."""

_CORRECTED = re.compile(r"[\s,，]*(?:(?:不对|不是|应该|改成|是|错了)[\s,，]*)+")
"""What stands between a number and the same put right."""

_CODE = re.compile(
    "工单|单号|编号|验证码|取件码|取货码|订单|流水号|度数|读数|密码|票号|柜[号子]|型号|频道|钥匙|灭火器|门禁卡号|车次|公[车交]|案号|案件|排队|号码牌|水表|电表|燃气表|"
    "发票|统编|邮编|(?:分机|内线)(?=.{0,3}$)"
)
"""What short numbers that are nobody's own are called."""

_CODE_TO_NUMBER = re.compile(r"[^,，。;；?？!！]*|[\s,，:：是为的号码呃嗯那个叫]*")
"""What may stand between such a word and its number, so that it is one: 「水表漏水，一二零五」 is a room."""

_HOME = re.compile(
    r"(?:房号|房间号|室号|门牌号?码?|哪一?户|哪一?间|几号房|住|(?:我|我们|我家|家里|这里|这边)是)"
    r"(?:是|在|了|就是)?[\s:：,，]*$"
)
"""Words right before somebody's room."""

_CALLED_SO = re.compile(r"\s?(?:物业|公司|热线|专线|服务)")
"""Firms and lines that a number is the name of: 「這裡是一二三物業」."""

_MONEY = re.compile(
    "(?:收|扣|缴|交|付|总共|一共|合计|金额|费用?|押金|花|多了|少了|差|价钱?|价格|订|卖|买|涨到|降到|充值?|余额|温度|湿度|"
    r"大概|约|超过|不到|(?:月|房|日)租|租金|订金|定金|报价|罚|每平米?|每月)(?:了|是|我|到|你们?|款|给你)*[:：]?\s*$"
)
"""Words right before a sum."""

_PUBLIC = re.compile(
    "11[0-9]|12[0-2]|999|1999|1823|1955|1922|165|113|123[0-9]{2}|9[56][0-9]{3}|1000[0-9]"
)
"""Numbers of police, fire brigade, city lines, banks' and networks' services: nobody's own."""

_CALLED = re.compile("打|拨|报|专线|热线|投诉|举报|急救|市民")
"""Words near them, without which 119 may be a room."""

_MONTH_DAY = r"(?:0?[1-9]|1[0-2])[-/.](?:[0-2]?\d|3[01])"
_DAY = rf"(?:(?:19|20)\d\d[-/.]{_MONTH_DAY}|(?:[0-2]?\d|3[01])[-/.](?:[0-2]?\d|3[01])[-/.](?:19|20)\d\d)"
_CLOCK = r"\d{1,2}[:：]\d\d(?:[:：]\d\d(?:\.\d{1,6})?)?"
_ZONE = r"(?:\s?(?:z(?![a-z])|[+-]\d\d:?\d\d))?"
_MOMENT = re.compile(
    rf"(?<!\d)(?:(?:{_DAY}|(?:19|20)\d{{6}}|{_MONTH_DAY})(?:\s|t){_CLOCK}{_ZONE}|{_DAY}|{_CLOCK})"
    r"(?![\d:：])"
)
"""A date, a time of day, or both, in figures; what merely follows a colon, 「電話：」, is none."""
_DECIMAL = re.compile(r"\d+\.\d+")
_SERIES = "0123456789 9876543210"
_IDIOMS = ("三三两两", "一五一", "七七八八", "三七二", "九九八", "一二三四五")

_PLATE = re.compile(r"[a-z]{2,3}\d{3,4}|\d{3,4}[a-z]{1,2}\d?|[a-z]\d[a-z]\d{3}|[a-z]\d{6,10}x?")
_BLOCK_AND_ROOM = re.compile(r"[a-h]\d{3,4}")
_SIZE = re.compile(r"\d+(?:gb?|tb|mb?|k[gmw]?|w|v|mah|[gm]?hz|mm|cm|nm|ml|m)")
_ID = re.compile(r"[a-z]{1,2}\d{6,9}[a-z]?|\d{17}[\dx]|\d{14}x")
_CHECK_LETTER = re.compile(r"(?:最后一[位码]|末位|尾码|末码)就?[是为]?\s?(?P<letter>x(?![a-z])|叉)")

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The character a mainland plate begins with."""

LETTERS_MISHEARD = "逼比必币毕诶欸哎西弟地易"
"""What recognition writes for the letter of a plate: 粵*逼*一二三四五."""

_GROUP = (
    "(?:[一二两三四五六七八九]百[零一二三四五六七八九十]{0,3}|[二三四五六七八九]?十[一二三四五六七八九]?|"
    "[0-9零〇一幺二两三四五六七八九]{2,5})"
)
_GROUPED = re.compile(
    r"(?:电话|手机|号码|门号|whatsapp)(?:号码?|就?是|呢|多少|我的)*[:：\s,，]*"
    rf"(?P<groups>{_GROUP}(?:[,，、\s]+{_GROUP}){{2,}})"
)
"""A telephone number read in tens or hundreds: 「電話，九十一，三十三，八十八，六十六」."""

NEAR = 12
"""Characters before a run in which a cue counts."""


def kind_of(run: Run, text: str, floor: int = 0) -> Kind | None:
    """What a run of a folded text is; ``None`` where it tells nobody.

    ``floor`` is where the number before it ends: cues before that are that one's.
    """
    before, after = text[max(floor, run.start - NEAR) : run.start], text[run.end : run.end + 6]
    size = len(run.digits)
    cued, part = _cue_in(before, after)
    at_home = bool(_HOME.search(before))
    if size < LONG and not at_home and cued != "bank" and _is_code(text, run.start):
        return None
    if run.lettered and len(run.says) >= 4:
        return cued or _by_form(run) if _is_lettered_number(run, text, after, cued) else None
    if _has_misheard_plate(run, text):
        return "plate"
    if 0 < floor == run.start - len(before) and _CORRECTED.fullmatch(before):
        return cued or "phone"
    counted = bool(UNIT.match(after))
    if (
        at_home
        and size in (3, 4)
        and not (run.lettered or counted or part or _CALLED_SO.match(after))
    ):
        return "address"
    if not cued and not part and run.digits in _SERIES:
        return None
    if size > LONG or (size == LONG and not counted):
        return cued or _by_form(run)
    public = _PUBLIC.fullmatch(run.digits) and (size >= 5 or _CALLED.search(before + after))
    if counted or (public and not part):
        return None
    if part or (cued and size >= 3):
        return cued or "phone"
    if size >= 5:
        return None if _MONEY.search(before) else "phone"
    return "address" if size >= 3 and _may_be_room(run, text, before) else None


def _is_code(text: str, start: int) -> bool:
    """Whether a word for a number of nobody's stands before one, and no other word for a number after it."""
    before = text[max(0, start - NEAR) : start]
    called = [found.end() for found in _CODE.finditer(before)]
    if not called:
        return False
    between = before[called[-1] :]
    return bool(_CODE_TO_NUMBER.fullmatch(between)) and not any(
        found.lastgroup in CUES for found in _CUE.finditer(between)
    )


def moments(text: str) -> Iterator[tuple[int, int]]:
    """Dates and times of day in figures: nobody's numbers, and no part of any.

    >>> [text[a:b] for text in ["2026-11-28 10:30 9:05-16:30 电话:13826507731"] for a, b in moments(text)]
    ['2026-11-28 10:30', '9:05', '16:30']
    """
    for found in _MOMENT.finditer(text):
        yield found.span()


def grouped(text: str) -> Iterator[tuple[int, int]]:
    """The groups of telephone numbers that are read in tens or hundreds."""
    for found in _GROUPED.finditer(text):
        if re.search("[十百]", found["groups"]):
            for group in re.finditer(_GROUP, found["groups"]):
                at = found.start("groups")
                yield at + group.start(), at + group.end()


def counted(run: Run, text: str) -> bool:
    """Whether a unit makes the run a count or a sum."""
    return bool(UNIT.match(text, run.end))


def hidden(run: Run, text: str, kind: Kind) -> tuple[tuple[int, int], ...]:
    """The stretches of a run to hide, with the province before a plate and the 港 behind it."""
    spans = list(run.spans(text))
    if kind == "plate":
        head = text[: run.start].rstrip(" ·")
        if _has_misheard_plate(run, text):
            spans.insert(0, (len(head) - 2, len(head)))
        elif head and head[-1] in PROVINCES:
            spans.insert(0, (len(head) - 1, len(head)))
        if text[run.end : run.end + 1] in ("港", "澳", "学", "警", "挂"):
            spans.append((run.end, run.end + 1))
    return tuple(spans)


def check_letters(text: str) -> Iterator[tuple[int, int]]:
    """The last character of an identity number, when it is told alone: 「最後一位是 X」."""
    for found in _CHECK_LETTER.finditer(text):
        yield found.span("letter")


def _cue_in(before: str, after: str) -> tuple[Kind | None, bool]:
    """The kind that the words before a number name last, and whether words call it a part."""
    cued: Kind | None = None
    part = bool(_PART_AFTER.match(after))
    for found in _CUE.finditer(before):
        part = part or found.lastgroup == "part"
        cued = next((kind for kind in CUES if found.lastgroup == kind), cued)
    return cued, part


def _may_be_room(run: Run, text: str, before: str) -> bool:
    """Whether three or four digits are a room: neither a sum nor a series nor a saying."""
    written = text[run.start : run.end]
    return not (
        run.lettered
        or run.digits.endswith("00")
        or _MONEY.search(before)
        or text.startswith(("左右", "上下"), run.end)
        or written in _IDIOMS
        or _DECIMAL.fullmatch(written)
    )


def _is_lettered_number(run: Run, text: str, after: str, cued: Kind | None) -> bool:
    """Whether letters and digits are a plate or an identity number, not a type or a size (250G)."""
    says, size = run.says, len(run.digits)
    if cued and size >= 2:
        return True
    if _BLOCK_AND_ROOM.fullmatch(says):
        return True
    if text[: run.start].rstrip(" ·").endswith(tuple(PROVINCES)):
        return True
    if after.lstrip().startswith("路") or _SIZE.fullmatch(says):
        return False
    return bool(_PLATE.fullmatch(says)) or size >= LONG - 1 or (size >= 4 and len(says) - size >= 2)


def _has_misheard_plate(run: Run, text: str) -> bool:
    """Whether province and a misheard letter stand before the run."""
    head = text[: run.start].rstrip(" ·")[-2:]
    return (
        len(run.digits) >= 4
        and len(head) == 2
        and head[0] in PROVINCES
        and head[1] in LETTERS_MISHEARD
    )


def _by_form(run: Run) -> Kind:
    """A number's kind by its looks alone."""
    if _ID.fullmatch(run.says):
        return "id"
    if _BLOCK_AND_ROOM.fullmatch(run.says):
        return "address"
    if run.lettered and len(run.says) <= LONG + 1:
        return "plate"
    return "bank" if len(run.digits) >= 14 else "phone"
