"""Names, addresses, telephone numbers and definite times in recognised text.

Written for normalised text: Simplified, no punctuation, numerals in Chinese. Recognition writes 棟 as
洞 or 懂 and 點 as 店, so that these stand for each other here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.normalise import Normalised, normalise
from pipeline.wording.personal.vocabulary import SURNAMES

THINGS = (
    "车[位牌主库辆道子门]|房[号间子东租卡客]|金[牌额钱]|高[手楼层]|水[电管费表龙]|路[灯口牌]|门[禁口卡牌铃]|花[园圃]|时[间候段]"
    "|单[号元子位]|管[理家道]|方[便法式案]|电[话梯表费]|钱包|牌照"
)
"""Words of the house that begin with what is also a surname: 「您的車牌號碼」 names nobody."""

SURNAME = f"(?!{THINGS})[{''.join(sorted(SURNAMES))}]"
POINT = "(?:点|店|典)"
NUM = "零〇一二三四五六七八九十百千两幺a-z"
CLOCK_HOUR = f"(?:[一二三四五六七八九两]|十[一二]?){POINT}(?![解样算知了])"
BLOCK = "(?:栋|洞|懂|动|冻|座|坐|幢|期|号楼|单元|楼|层)"
ROOM = "(?:室|房|号房|户|号|之)"
PERSON = "(?:业主|住户|租客|租户|房客|屋主|户主|房东)"
GOING_ON = "(?=手机|电话|联系|号码|我家|我要|我想|家里|$)"
"""What a caller says after a full name that no title ends."""

NAMES = (
    # 我姓陳, 敝姓林, 免貴姓王, 我叫陳大文
    r"(?:我|免贵|敝|小)(?:姓|性)(?![名什啥谁])[一-鿿]",
    r"(?:我|名字)(?:叫|是叫)(?:[一-鿿]{2,3}|阿?[a-z]{2,})",
    # 租客小林, 三零二的老張, 我是小李
    rf"(?:我是|我系|我叫|叫我|这里是|这边是|[的室房号零一二三四五六七八九]|{PERSON})[小老阿](?:{SURNAME}(?![师板年])|[a-z]{{2,}})",
    # 我是翠湖花園管理處的阿珍
    rf"(?<=[处司部组队]的)(?:阿[一-鿿]|[小老]{SURNAME}(?![师板年]))",
    # 一二零五的林志明，手機…; 三棟一二零五，陳大文，電話…
    rf"(?<=[的室房号零一二三四五六七八九]){SURNAME}[一-鿿]{{1,2}}{GOING_ON}",
    # 我老婆姓陳登記的, 業主姓王
    rf"(?:老婆|老公|太太|先生|爸爸?|妈妈?|业主|户主|房东|屋主|登记)(?:是)?姓{SURNAME}",
    # 我是三棟的陳先生, 這邊是林太太, 五座的羅生
    r"(?:我是|我这边是|这里是|我这里是|我系)[一-鿿a-z]{0,9}?[一-鿿](?:先生|小姐|太太|女士|老师|生|太)(?!在|吗|呢)",
    # 三零二的，姓佟; 七座一六零四，姓古: recognition writes 信銅, 幸古
    r"(?<=[的室房号户座楼栋零一二三四五六七八九])姓(?![名什啥谁是])[一-鿿]",
    # 我是第五座二十三樓的業主，姓嚴; what a turn begins with: 姓甘，二棟一六零一
    r"我(?:是|这边是|这里是)[一-鿿]{0,12}?(?:业主|住户|租客|租户|屋主|户主|老板|园长)姓(?![名什啥谁是])[一-鿿](?!的)",
    r"^姓(?![名什啥谁是])[一-鿿](?!的)",
    # 做水泵保養的，順昌機電，姓文，想找龐工
    r"(?<![您你他她贵们百同])姓(?![名什啥谁是就也都的])[一-鿿](?=想|要|麻烦|请|电话|手机)",
    r"(?<=[的室房号户座楼栋是零一二三四五六七八九])[性幸信兴星醒杏]"
    r"(?![箱用息封任号奋趣运期别格质能件心好亏福苦])[一-鿿]",
    # 二零三，陳太
    r"(?<=[零一二三四五六七八九十室房号楼座栋a-z])[^零一二三四五六七八九十a-z](?:先生|小姐|太太|女士|太|生)(?!在|吗|呢)",
)

ADDRESSES = (
    # 三棟一二零五, 五號樓二單元三零一, 十五樓之二, 十二樓B室
    rf"[{NUM}]{{1,4}}{BLOCK}(?:的)?(?:[{NUM}]{{1,4}}{BLOCK}(?:的)?)?(?![百千]|{CLOCK_HOUR})[{NUM}]{{1,9}}{ROOM}?",
    rf"[{NUM}]{{1,4}}{BLOCK}(?:的)?之[{NUM}]",
    # 五樓之二的, where recognition lost the number: 五樓之愛的
    rf"[{NUM}]{{1,4}}楼之[一-鿿](?=的)",
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
    # 一二零五的業主, 五號樓頂樓
    rf"[零〇一二三四五六七八九百千两幺]{{3,8}}的?{PERSON}",
    rf"[{NUM}]{{1,4}}{BLOCK}(?:的)?顶[楼层]",
    # 別墅區十八號, 商鋪十二號
    rf"(?:别墅区?|商[铺舖]|店[铺舖]|[铺舖]位|车位|底商|门面|门店)[{NUM}]{{1,5}}号?",
    # 我姓鄺，六棟 …, of which recognition lost the rest
    r"(?:姓|信|性|住|我是)[一-鿿]{0,2}?[零一二三四五六七八九十]{1,3}(?:栋|洞|懂|幢)",
    # 住他樓上，二零一五
    r"住(?:在|他|他们|您|你)?(?:家)?(?:楼上|楼下|隔壁|对面)?[零〇一二三四五六七八九两幺]{3,5}(?![点万千百])",
    # 我是八度二零五的, 十五樓底十五零二: 棟 and 的 as recognition may write them
    r"[一二三四五六七八九十]{1,3}度[零〇一二三四五六七八九百十]{3,6}(?=的|$)",
    r"楼[的底地][零〇一二三四五六七八九十百两]{3,6}(?![零〇一二三四五六七八九十百两块元点万千])",
    # 我是九棟四零二的杜明, where recognition lost the block: 我是九中四雷二的
    r"我(?:是|住)(?=[一-鿿]{3,8}的)(?![一-鿿]{1,6}[月日])(?:[^的]{0,2}[零二三四五六七八九十百]){2,}[^的]{0,2}(?=的)",
    # A座1203
    r"[a-z][座坐]?[零〇一二三四五六七八九百千两幺]{3,7}",
)
"""Where somebody lives, or has his shop."""

PLACES = (
    # 三棟的電梯, 停車場B區
    rf"[{NUM}]{{1,4}}(?:栋|座|幢|号楼|单元)(?:的|那部|那个)?(?:电梯|大堂|楼道|走廊|楼梯|门口|天台|大门|门禁|对讲)",
    r"(?:停车场|车库|地库)(?:的)?(?:负[一二三四])?[a-z一二三四五六七八九十](?:区|层|楼)",
)
"""A part of the estate, which tells where something is amiss, and not who says so."""

PHONES = (
    # with the fillers of one who dictates: 一三八零零，嗯，一三八零零零
    r"(?:[零〇一二三四五六七八九幺两百千十](?:嗯|呃|额|啊|然后)?){6,}[零〇一二三四五六七八九幺两百千十]",
    # 號碼你們有的，尾數二零三八
    r"尾[数号](?:号码?|是|还是)*[零〇一二三四五六七八九幺两]{3,4}",
    # 打我這個電話就行, 打我來電的號碼
    r"打(?:给)?我(?:现在|来电|打来)?(?:的)?(?:这个|这支|这只|来电|原来的?)(?:电话|号码?|手机)(?![响没])",
    # 就打這支, 用來電這支
    r"(?:就打|打|用来电|就用来电|就用)(?:这支|这一支|这只)(?!电话[响没])",
    r"(?:就|用)(?:是)?(?:我)?(?:现在|来电|打来)?(?:的)?(?:这个|这支|来电)(?:的)?(?:电话号码|号码|手机号)",
)

DAY = (
    "(?:今天|明天|后天|大后天|今日|明日|听日|(?:这|下|本)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]"
    "|[一二三四五六七八九十]+(?:号|日))"
)
PART = "(?:早上|上午|中午|下午|晚上|傍晚|早晨|上昼|下昼)"
COUNT = "[一二三四五六七八九十两几半]"
SPELL = f"{COUNT}+个?半?(?:分钟|小时|钟头|刻钟|钟)"
COMING = "(?:过去|过来|上门|上去|到|来|去|派|安排|处理|维修|检查)"

TIMES = (
    # 下午三點, 明天上午十點半, 星期三下午兩點到四點; not 後天機會大一點
    rf"(?:{DAY}|{PART})[一-鿿]{{0,2}}?{PART}?[一-鿿]?[一二三四五六七八九十两]{{1,3}}{POINT}(?<!(?<!最)[大早晚快慢多少差好]一点)",
    # 三點之前, 兩點鐘, 四點半: not 一點, which mostly means "a little"
    rf"(?:[二三四五六七八九两]|十[一二]?){POINT}(?:钟|半|[一三]刻|多|左右|[之以]?前|[之以]?后|到|来|过|上门|整|正(?![在常好式是要想])"
    "|能|会|可以|好|行|吧|没问题|见)",
    # 九點二十分, 五點三刻, 八點零五
    rf"[一二三四五六七八九两十]{{1,3}}{POINT}(?:[二三四五]?十[一二三四五六七八九]?分?|零[一二三四五六七八九]分?|[一三]刻)",
    rf"一{POINT}(?:钟|半|[一三]刻|多|[之以]?前|[之以]?后|到[一二三四五六七八九十两])",
    # 師傅九點，請您在家
    rf"(?<=师[傅父])(?:他|说|说他)?(?:[二三四五六七八九两]|十[一二]?){POINT}",
    # 明天上午, 週三下午, 今晚, 明早
    rf"{DAY}[一-鿿]?{PART}",
    "今晚|明早|明晚|听晚",
    # 下午過去, 上午派人來
    rf"{PART}[一-鿿]{{0,6}}?{COMING}",
    # 半小時內, 二十分鐘左右到, 一個鐘頭之後, 半個鐘
    rf"{SPELL}(?:之内|以内|内|之后|以后|后|左右|上下|就|会|可以|到|过|上|来|吧|赶)",
    # 再半小時, 師傅五分鐘
    rf"(?:再|还要|还有|(?<=师[傅父])){SPELL}",
)

CLOCK = re.compile(
    r"(?<![\d:：])(?:[01]?\d|2[0-3])[:：][0-5]\d(?![\d:：])"
    r"|(?<=[約约])(?:[1-9]|1[0-2])\.5(?!\d)"
    r"|(?<![\d.])(?:[1-9]|1[0-2])\.5(?=(?:左右)?(?:到(?!\d)|[過过]?[來来去]|上[門门](?![費费]))|[準准][時时]|[會会](?:到|[過过]?[來来去]))",
    re.ASCII,
)
FLAT = re.compile(
    r"(?<![\d-])\d{1,3}[-－–]\d{3,4}(?![\d-])|(?<![\d-])\d{1,2}(?:-\d{1,2}){2,3}(?![\d-])", re.ASCII
)
"""14:30 or 9.5, and 3-1205 or 7-10-0-1, as Whisper may write 九點半 and 七棟一零零一: what stands between the
figures is gone from normalised text."""

PAST = re.compile(
    r"(?:昨|前天|前晚|刚才|刚刚|已经|等了|从|自从|上个?(?:周|星期|礼拜)|每天|平时|早就|拖了|吵到|半夜)[一-鿿]{0,4}$"
)
"""Said right before a time, these make it one that is over, or no appointment."""

NO_APPOINTMENT = re.compile(
    r"^[一-鿿]{0,3}(?:开始|以来|到现在|就坏|就停|上班|下班|关门|开门|营业|休息|吵|打过|漏|报修过|收工"
    "|停水|停电|停气|停梯|再打|再来电|打来|打过来|[看买订等]材料|[看买订等]料|[看买订等]零件)"
    "|^(?:就|才)?(?:[要得](?:出门|出去|走)|开会|接孩子|接小孩)"
)
"""Said right after a time, the same: what then happens is something else."""

OTHER_NUMBER = re.compile(
    r"(?:单号?|订单|编号|卡号|[账帐]号|证号?|流水号|合同|车牌|桩号|表号)(?:号码|号|码)?(?:是|为|就是)?$"
)
"""Said right before a number, these make it none of a telephone."""

SOUGHT = re.compile(r"找(?:一?下)?(?![不人师]|东西)[^我零一二三四五六七八九十室号栋座楼]{0,8}的$")
OWN = tuple("我敝免姓")
"""「我找一下你們客服部的蘇小姐」 names somebody else; 「找維修的，免貴姓李」 and 「找人修，三零二的陳太」
name who calls.
"""

OF_CALL = re.compile("(?:电话|手机|号码|联[系络]|电联|登记)(?:的|是|号码|号|的那个)?$")
COURIERS = "顺丰|中通|圆通|申通|韵达|极兔|京东|邮政|黑猫|宅急便"
OF_CAR = re.compile("[车牌]")
OF_PARCEL = re.compile(f"快[递件]|包裹|[运订]单|单号|取件|{COURIERS}")
NEAR = 12
"""What stands right before an ending tells that it is a telephone's; else a car named within so many
characters on either side, that it is a plate's, or a parcel before it, that it is a waybill's.
"""

OF_MONTH = re.compile(r"(?:月|月份的?|截止到?|截至)$")
BARE_NUMBER = re.compile(rf"[{NUM}]+号")
"""這個月二十四號 is a day, and no house."""

WRITTEN = {"time": CLOCK, "address": FLAT, "home": FLAT}
"""Found in the text as it was written."""

PATTERNS = {
    "name": tuple(map(re.compile, NAMES)),
    "address": tuple(map(re.compile, (*ADDRESSES, *PLACES))),
    "home": tuple(map(re.compile, ADDRESSES)),
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
    reached = 0
    for start, end, other in sorted(_values(text, kind), key=lambda one: (one[0], -one[1])):
        if start >= reached:
            reached = end  # what is something else as a whole is nothing by its parts either
            if not other:
                yield start, end


def _values(text: Normalised, kind: str) -> Iterator[tuple[int, int, bool]]:
    """Where something of the kind may stand in the original text, and whether it is something else."""
    for pattern in PATTERNS[kind]:
        for match in pattern.finditer(text.text):
            other = _is_something_else(kind, text.text, *match.span())
            yield *text.original_range(*match.span()), other
    if kind in WRITTEN:
        written = text.original
        for match in WRITTEN[kind].finditer(written):
            before = normalise(written[: match.start()]).text
            after = normalise(written[match.end() :]).text
            yield *match.span(), _is_something_else(kind, before + after, len(before), len(before))


def _is_something_else(kind: str, text: str, start: int, end: int) -> bool:
    """Whether a time is no appointment, but past or office hours; a number that of no telephone or house; a
    name that of whom the caller seeks.
    """
    if kind == "name":
        named_from = start + text.startswith("的", start)
        return bool(SOUGHT.search(text[:named_from])) and not text.startswith(OWN, start)
    if kind == "time":
        return bool(PAST.search(text[:start]) or NO_APPOINTMENT.match(text[end:]))
    if kind in ("address", "home"):
        return bool(OF_MONTH.search(text[:start]) and BARE_NUMBER.fullmatch(text[start:end]))
    if kind == "phone" and text[start] == "尾":
        before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
        is_of_thing = OF_CAR.search(before + after) or OF_PARCEL.search(before)
        return bool(is_of_thing) and not OF_CALL.search(text[:start])
    return kind == "phone" and bool(OTHER_NUMBER.search(text[:start]))
