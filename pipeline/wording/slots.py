"""Names, addresses, telephone numbers and definite times in recognised text.

Written for normalised text: Simplified, no punctuation, numerals in Chinese. Recognition writes 棟 as
洞 or 懂 and 點 as 店, so that these stand for each other here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.normalise import Normalised

NUM = "零〇一二三四五六七八九十百千两幺a-z"
BLOCK = "(?:栋|洞|懂|动|冻|座|坐|幢|期|号楼|单元|楼|层)"
ROOM = "(?:室|房|号房|户|号|之)"

NAMES = (
    # 我姓陳, 敝姓林, 免貴姓王, 我叫陳大文
    r"(?:我|免贵|敝|小)(?:姓|性)[一-鿿]",
    r"(?:我|名字)(?:叫|是叫)[一-鿿]{2,3}",
    # 我是三棟的陳先生, 這邊是林太太, 五座的羅生
    r"(?:我是|我这边是|这里是|我这里是|我系)[一-鿿a-z]{0,9}?[一-鿿](?:先生|小姐|太太|女士|老师|生|太)(?!在|吗|呢)",
    # 三零二的，姓佟; 七座一六零四，姓古: recognition writes 信銅, 幸古
    r"(?<=[的室房号户座楼栋零一二三四五六七八九])姓(?![名什啥谁是])[一-鿿]",
    # 我是第五座二十三樓的業主，姓嚴; what a turn begins with: 姓甘，二棟一六零一
    r"我(?:是|这边是|这里是)[一-鿿]{0,12}?(?:业主|住户|租客|租户|屋主|户主|老板|园长)姓(?![名什啥谁是])[一-鿿](?!的)",
    r"^姓(?![名什啥谁是])[一-鿿](?!的)",
    r"(?<=[的室房号户座楼栋是零一二三四五六七八九])[性幸信兴星醒杏]"
    r"(?![箱用息封任号奋趣运期别格质能件心好亏福苦])[一-鿿]",
    # 二零三，陳太
    r"(?<=[零一二三四五六七八九十室房号楼座栋a-z])[一-鿿](?:先生|小姐|太太|女士|太|生)(?!在|吗|呢)",
)

ADDRESSES = (
    # 三棟一二零五, 五號樓二單元三零一, 十五樓之二, 十二樓B室
    rf"[{NUM}]{{1,4}}{BLOCK}(?:的)?(?:[{NUM}]{{1,4}}{BLOCK}(?:的)?)?[{NUM}]{{1,9}}{ROOM}?",
    rf"[{NUM}]{{1,4}}{BLOCK}(?:的)?之[{NUM}]",
    # 十五樓己室, 二十二樓丙室
    rf"[{NUM}]{{1,4}}{BLOCK}[甲乙丙丁戊己庚辛壬癸]室?",
    # 一二零三室, 八百零二號房
    r"[零〇一二三四五六七八九百千两幺][零〇一二三四五六七八九十百千两幺]{2,8}(?:室|房|号房|户|号)",
    # 十二號四樓, 大里路十二號
    r"[零一二三四五六七八九十百两]{1,4}号(?:之[一二三四五六七八九十])?[零一二三四五六七八九十百两]{1,3}楼",
    r"[路街巷弄段][零一二三四五六七八九十百两]{1,4}号",
    # 我住七號舞樓: the floor as recognition may write it
    r"我(?:就)?住(?:在)?[零一二三四五六七八九十百两]{1,4}[号栋座幢][一-鿿](?=[楼层])",
    # 我是八樓之一的簡小姐: where she is from, however recognition wrote it (我是巴羅執意的簡小姐)
    r"我(?:是|住|这里是|这边是)[一-鿿]{3,8}的[一-鿿](?=先生|小姐|太太|女士)",
    # A座1203
    r"[a-z][座坐]?[零〇一二三四五六七八九百千两幺]{3,7}",
)

PHONES = (r"[零〇一二三四五六七八九幺两百千十]{7,}",)

DAY = (
    "(?:今天|明天|后天|大后天|今日|明日|听日|(?:这|下|本)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]"
    "|[一二三四五六七八九十]+(?:号|日))"
)
PART = "(?:早上|上午|中午|下午|晚上|傍晚|早晨|上昼|下昼)"
POINT = "(?:点|店|典)"
COUNT = "[一二三四五六七八九十两几半]"
COMING = "(?:过去|过来|上门|上去|到|来|去|派|安排|处理|维修|检查)"

TIMES = (
    # 下午三點, 明天上午十點半, 星期三下午兩點到四點
    rf"(?:{DAY}|{PART})[一-鿿]{{0,2}}?{PART}?[一-鿿]?[一二三四五六七八九十两]{{1,3}}{POINT}",
    # 三點之前, 兩點鐘, 四點半: not 一點, which mostly means "a little"
    rf"(?:[二三四五六七八九两]|十[一二]?){POINT}(?:钟|半|左右|之?前|之?后|到|来|过|上门|整)",
    rf"一{POINT}(?:钟|半|之?前|之?后|到[一二三四五六七八九十两])",
    # 明天上午, 週三下午, 今晚, 明早
    rf"{DAY}[一-鿿]?{PART}",
    "今晚|明早|明晚|听晚",
    # 下午過去, 上午派人來
    rf"{PART}[一-鿿]{{0,6}}?{COMING}",
    # 半小時內, 二十分鐘左右到, 一個鐘頭之後, 半個鐘
    rf"{COUNT}+个?半?(?:分钟|小时|钟头|刻钟|钟)(?:之内|以内|内|之后|以后|后|左右|上下|就|会|可以|到|过|上|来|吧|赶)",
)

PAST = re.compile(
    r"(?:昨|前天|前晚|刚才|刚刚|已经|等了|从|自从|上个?(?:周|星期|礼拜)|每天|平时|早就|拖了|吵到|半夜)[一-鿿]{0,4}$"
)
"""Said right before a time, these make it one that is over, or no appointment."""

NO_APPOINTMENT = re.compile(
    r"^[一-鿿]{0,3}(?:开始|以来|到现在|就坏|就停|上班|下班|关门|开门|营业|休息|吵|打过|漏|报修过|收工)"
)
"""Said right after a time, the same."""

PATTERNS = {
    "name": tuple(map(re.compile, NAMES)),
    "address": tuple(map(re.compile, ADDRESSES)),
    "phone": tuple(map(re.compile, PHONES)),
    "time": tuple(map(re.compile, TIMES)),
}


def find_slots(text: Normalised, kind: str) -> Iterator[tuple[int, int]]:
    """Where values of a kind stand, in characters of the original text, in order; none overlap.

    >>> from pipeline.wording.normalise import normalise
    >>> text = normalise("師傅明天上午10點到，您是3棟1205的陳先生吧？")
    >>> [text.original[a:b] for a, b in find_slots(text, "time")]
    ['明天上午10點']
    >>> [text.original[a:b] for a, b in find_slots(text, "address")]
    ['3棟1205']
    """
    matches = [found for pattern in PATTERNS[kind] for found in pattern.finditer(text.text)]
    spans = sorted((found.span() for found in matches), key=lambda span: (span[0], -span[1]))
    reached = 0
    for start, end in spans:
        if start < reached or (kind == "time" and _is_over(text.text, start, end)):
            continue
        reached = end
        yield text.original_range(start, end)


def _is_over(text: str, start: int, end: int) -> bool:
    """Whether a time is no appointment: past, or office hours."""
    return bool(PAST.search(text[:start]) or NO_APPOINTMENT.match(text[end:]))
