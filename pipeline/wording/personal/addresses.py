"""Where somebody lives: street and number, building to room, parking space.

A building or a floor alone tells nobody; building and floor together, or anything down to a room, do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.segment import likeliest_words

_N = r"(?:[0-9]{1,6}|[零〇一二三四五六七八九十百千两幺洞拐勾廿卅壹贰参叁肆伍柒捌玖]{1,7})"
_L = r"(?:(?<![a-z])[a-z](?![a-z])|[甲乙丙丁戊己庚辛]|[东南西北](?=[座翼]))"
_GAP = (
    r"[\s,，、.\-]{0,2}(?:(?:嗯+|呃+|额|欸|的|那个|左手边|右手边|左边|右边|靠左|靠右)[\s,，、]?)?"
)
_UNIT = (
    "号楼|号院|栋|座|幢|洞|懂|冻|单元|期|区|楼|层|号房|室|房|户|号|梯|巷|弄|段|街|邻|组|"
    "门(?=[ ]?[0-9零一二三四五六七八九])"
)
_LEVEL = (
    rf"(?:(?<![a-z京沪粤苏浙闽鲁湘鄂桂])[bp][1-9](?![0-9a-z])\s?层?|负{_N}层|地[下库]{_N}[层楼])"
)
_MISHEARD = "酒久就山伞依衣医而耳儿领林令灵思司午舞武留流刘起期把爸吧"
"""What recognition writes for a numeral before 棟: *酒*洞四樓."""
_BLOCKED = (
    rf"(?:[{_MISHEARD}](?:栋|洞|懂|冻|座|幢)(?=\s?{_N})|{_N}[-.](?={_N}[楼层])|"
    rf"[一二三四五六七八九]?十[一二三四五六七八九]?杠(?={_N}))"
)
"""A building whose unit or numeral is misheard or left out: 酒洞四樓, 3-12樓, 十五杠一八零三."""
_ITEM = rf"(?:{_LEVEL}|{_BLOCKED}|{_N}\s?之\s?{_N}\s?号|第?(?:{_N}|{_L})\s?(?:{_UNIT}))"
_TAIL = rf"(?:之\s?{_N}|{_N}\s?之\s?{_N}|[领林令灵]{_N}|{_N}(?:\s?(?:车位|号))?|{_L})"
_ROAD = "大道|路|街|道|胡同|村"
_NO_ROAD = re.compile(
    "知道|街道|通道|车道|轨道|管道|报道|难道|味道|频道|隧道|走道|水道|下水道|走路|马路|道路|"
    "公路|电路|线路|一路|网路|迷路|让路|逛街|上街|门路|农村|乡村|条路"
)
"""Words that end as names of streets do."""

_CHAIN = re.compile(rf"(?:{_ITEM})(?:{_GAP}(?:{_ITEM}|车位))*(?:{_GAP}{_TAIL})*")
_ROOM = re.compile(
    rf"{_N}\s?(?:室|号房|房间)|车位(?:号)?[是在:]?\s?(?P<space>{_L}\s?区?\s?{_N}|{_N}号)|(?P<numbered>{_N}号车位)"
    rf"|(?<=[住家户是壁])\s?(?P<flat>{_N}[a-h])(?![a-z0-9])"
    rf"|(?:别墅|门牌号?码?是?)\s?(?P<villa>{_N})(?:号|栋)|(?P<numbered_villa>{_N})号别墅"
    rf"|(?:哪一?户|房号|住|家|户)(?:是|在)?[\s,，]*(?P<branch>{_N}之{_N})"
    rf"|(?:房号|室号)(?:是)?[\s,，]*(?P<thousand>[一二]千{_N})"
    rf"|是(?P<lettered>[a-h]{_N})(?=的?(?:业主|住户|租客|租户))"
    r"|(?P<hongkong>[0-9]{1,2}/f[\s,，]*(?:flat|room|rm)?\s*[a-h0-9]{1,4})"
)
_WHOLE = ("villa", "numbered_villa", "branch", "thousand", "lettered", "hongkong")
"""Of these all is the value: 別墅*八*號, 住*十二之三*, *12/F Flat C*."""

_PART = re.compile(
    rf"(?P<value>(?:负|[bp](?=[1-9])|[领林令灵](?=[0-9一二三四五六七八九]))?{_N}|{_L}|"
    rf"[{_MISHEARD}](?=栋|洞|懂|冻|座|幢))\s?(?P<unit>{_UNIT}|[-.](?=[^\s]))?"
    r"|(?P<mark>之|车位|地[下库])"
)
"""One value of an address with its unit, or a word that says what the others are."""
_PUBLIC = re.compile(
    r"\s?的?(?:电梯|大堂|大厅|走廊|楼梯|楼道|门口|门|花园|天台|垃圾|中间|公共|消防|灯|停车|会议室|会所|健身|泳池|"
    "游泳|办公|机房|平台|柜|线|出口|入口|跟|和|对面|之间)"
)
"""What follows a floor or a number that is nobody's home."""
_UNLIKELY_TAIL = re.compile(
    r"\s?(?:点|个|元|块|月|天|人|次|分|年|小时|度|岁|日|条|台|把|支|百|千|万)"
)
_DOORS = frozenset(("室", "号房", "房", "户"))
_BLOCKS = frozenset(
    ("栋", "座", "幢", "号楼", "洞", "懂", "冻", "号", "巷", "弄", "单元", "-", ".")
)
_LIVES = re.compile(r"(?:住|家在?|我是)在?\s?[一-鿿]{0,2}$")
"""Words before a building and a number, 三棟二十七號, without which it may be that of a lift."""
_PARKED = re.compile("车[位未]")
_NAMED = re.compile(rf"[一-鿿]{{1,5}}(?P<road>{_ROAD})$|[一-鿿]{{1,3}}(?:[阁轩庐]|大厦)$")
_NUMBERED = re.compile(rf"{_N}\s?(?:段|巷|弄|号)")
_NO_STEM = frozenset("路街道大厦段一二三四五六七八九十东西南北中阁轩庐")
_NOT_STREET = frozenset("住在是到址籍寄区市镇乡里我家这那个你您他她的有和跟去了条往从前后")


def addresses(text: str) -> Iterator[tuple[tuple[int, int], list[tuple[int, int]]]]:
    """Each address of a folded text: where it stands, and the parts of it that tell where.

    >>> [[text[a:b] for a, b in parts] for text in ["我住三栋二单元502室"] for _, parts in addresses(text)]
    [['三', '二', '502']]
    """
    reached = 0
    for start, end, parts in sorted((*_chains(text), *_rooms(text))):
        if start >= reached:
            reached = end
            yield (start, end), parts


def _chains(text: str) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    for found in _CHAIN.finditer(text):
        start, end = found.start(), _without_other(text, found.start(), found.end())
        parts = list(_PART.finditer(text, start, end))
        values = [part.span("value") for part in parts if part["value"]]
        if not values:
            continue
        named = _named_before(text, start)
        if named is not None:
            yield named, end, [(named, start), *values]
        elif _is_home(text, start, end, parts):
            yield start, end, values


def _without_other(text: str, start: int, end: int) -> int:
    """Where an address ends, without a count or a time that follows it."""
    if _UNLIKELY_TAIL.match(text, end):
        kept = re.sub(rf"(?:{_N}|{_L})$", "", text[start:end]).rstrip()
        return start + len(kept)
    return end


def _is_home(text: str, start: int, end: int, parts: list[re.Match[str]]) -> bool:
    """Whether the parts lead to a door or a parking space, or to a floor of a building of homes."""
    values = [part["value"] for part in parts if part["value"]]
    units = [part["unit"] or "" for part in parts if part["value"]]
    marks = {part["mark"] for part in parts if part["mark"]}
    last, before = units[-1], units[:-1]
    parking = "车位" in marks or bool(_PARKED.search(text[max(0, start - 8) : start]))
    level = any(value.startswith(("负", "b", "p")) for value in values)
    if level and len(values) > 1 and last == "" and len(values[-1]) > 1:
        return True
    if (parking and level) or {"地下", "地库"} & marks:
        return len(values) > 1 or "车位" in marks
    if "之" in marks and last == "号":
        return True
    if not before or (len(before) == 1 and text[:start].rstrip().endswith("月")):
        return False
    if "之" in marks:
        return bool({"楼", "层", "号", "号楼", "栋", "座"} & set(units))
    if last in _DOORS:
        return True
    if last == "号":
        inside = {"楼", "层", "区", "街", "段", "巷", "弄"} & set(before)
        lives = _LIVES.search(text, max(0, start - 6), start) and _BLOCKS & set(before)
        # 「三棟，二十號報修的」 is a day
        apart = re.search("[,，]", text[start:end])
        return (bool(inside or (lives and not apart)) or parking) and not _PUBLIC.match(text, end)
    if last == "":
        return (
            parking
            or len(values[-1]) >= 3
            or values[-1][0] in "0零领林令灵abcdefghijklmnop甲乙丙丁"
        )
    if last == "座":
        return bool({"楼", "层"} & set(before))
    return last in ("楼", "层") and bool(_BLOCKS & set(before)) and not _PUBLIC.match(text, end)


def _named_before(text: str, start: int) -> int | None:
    """Where the name of the street or tower begins that stands right before an address."""
    head = text[max(0, start - 7) : start].rstrip()
    offset = max(0, start - 7)
    found = _NAMED.search(head)
    if not found or (found["road"] and not _NUMBERED.match(text, start)):
        return None
    taken = stem = 0
    words = likeliest_words(found.group())
    if any(_NO_ROAD.fullmatch("".join(words[-size:])) for size in (1, 2)):
        return None
    for word in reversed(words):
        if stem > 1 and (len(word) > 1 or stem > 3):
            break
        if taken and set(word) & _NOT_STREET:
            break
        taken += len(word)
        stem += sum(char not in _NO_STEM for char in word)
    begun = offset + found.end() - taken
    return begun if stem else None


def _rooms(text: str) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Rooms and parking spaces that stand alone: 502室, 車位108號, 9B."""
    for found in _ROOM.finditer(text):
        whole = next((name for name in _WHOLE if found[name]), None)
        if whole:
            yield found.start(), found.end(), [found.span(whole)]
            continue
        value = re.search(rf"(?:{_L}\s?区?\s?)?{_N}[a-h]?", found.group())
        if value is None:
            continue
        start, end = found.start() + value.start(), found.start() + value.end()
        told = found["space"] or found["numbered"] or found["flat"]
        if told or end - start >= 3 or value.group()[0] in "0零":
            yield found.start(), found.end(), [(start, end)]
