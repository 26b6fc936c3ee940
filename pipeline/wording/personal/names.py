"""Names of persons: after a form of introduction, before a form of address, or spelled out.

A surname alone is an ordinary character (黃色, 高興, 方便), so that it counts only with such a cue, and not
where jieba's dictionary has it in a word with its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.segment import frequency

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅"
    "钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱覃武莫孔汤章欧柯游洪翁古涂简"
    "庄凌童温纪倪连詹施卓骆辜巫甘柳麦鲍费康乔左关路齐辛蒙穆单佟宫符阮宁成易伍俞裴尤华祝池桑耿褚柴焦霍舒屈项鲁葛牛"
    "严岑殷包闫聂岳梅狄盛包房刁季明伊车谷苗申冉冼邝区敖粟植布祁文劳甄招湛缪赖官池邬闵骆蓝颜"
)
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "皇甫", "夏侯", "公孙", "尉迟", "端木", "东方", "张简", "范姜")

TITLES = (
    "先生|小姐|女士|太太|师傅|师父|经理|主任|阿姨|伯伯|老师|叔叔|大哥|大姐|大爷|大妈|奶奶|爷爷|队长|组长|科长|课长|"
    "主管|店长|医生|医师|律师|警官|同学|秘书|会计|老板|主委|委员|总监|董事长|教授|院长|校长|先森|老太|妈妈|爸爸|伯母|伯父|婆婆|师奶|太公"
)
SHORT_TITLES = "生(?![气活日病意产])|太(?![多大小远贵热吵晚早])|总(?![共是算之有要阀机部台开控体数额量局行裁结])|工(?![作人程地单具资])|姐|哥|嫂|叔|姨|伯|董|sir"

_TITLED = re.compile(rf"(?P<long>{TITLES})|(?P<short>{SHORT_TITLES})")
_NEVER = frozenset(
    "的了是在我你他她它您不有就这那个们么吗呢吧啊呀哦嗯都也很还要会能可请问先几什谁哪为和跟与及或但把被给对从到去来说打找让叫"
    "住电手身户号地车名姓址单号楼室门房间上下里外前后年月日点分元块钱一二三四五六七八九十百千万两零〇想看听知道没得着过"
    "此之因所只再又才已经将刚等够帮办报修过用，,。.、！!？?：:；; 　"
) - frozenset("一三千万")
"""Characters that no given name holds; a name ends before them."""

_SAYS_SURNAME = re.compile(r"(?<![贵百老])姓(?:是)?\s?(?P<name>[一-鿿]{1,2})")
_ANSWERED = re.compile(
    r"(?:怎么称呼|贵姓|姓什么|姓啥|哪位|收件人|联[系络]人|业主|户名)[\s呢啊呀吗?？是,，嗯呃您你]*"
)
_AFTER_ANSWER = re.compile(r"[啊呀,，。\s\0的]|什么|某|$")
_NOT_SURNAME = frozenset("名什啥甚谁氏是的不吗呢么哪大贵我你他她您在有")
_INTRODUCED = re.compile(
    r"(?P<strong>(?:我|名字|名|他|她|本人)(?:就)?(?:叫做|叫作|叫)|名字(?:是|写|为)?|户名(?:是)?|收件人(?:是)?|姓名(?:是)?|联[系络]人(?:是)?|"
    r"委托人(?:是)?|申请人(?:是)?|报修人(?:是|写)?|抬头(?:写|是)?)[:：\s]*"
    r"|(?P<weak>叫做|叫|找(?:一下)?|业主(?:是)?|屋主(?:是)?|房东(?:是)?|车主(?:是)?|住户(?:是)?|租客(?:是)?|我是|这里是|这边是|前台|客服|同事|老公|老婆|爱人|这位是|爸爸?|妈妈?|弟弟|哥哥|姐姐|妹妹|"
    r"先生是|太太是|儿子|女儿|朋友|管家|保安)\s*"
    r"|(?P<bare>是|师傅|先生|太太|请)\s*"
)
_AFTER_BARE = re.compile(r"$|[吗嘛吧呀啊呢，,。.\s\0]|本人|住|讲|说|来|打|电话|手机")
"""What must follow a name that only 是 or a title before it announces."""
_LATIN = re.compile(
    r"(?:叫做|叫|(?:我|他|她|您|你|这位|这里|这边|名字)是|名字|英文名(?:字)?|my name is|(?<![a-z])(?:mr|mrs|ms|miss)(?![a-z])\.?|找|(?:户名|收件人|联[系络]人|业主|住户|车主|报修人|姓名)(?:是|写|叫|:|：)?)\s*"
    r"(?P<name>[a-z]{2,}(?:[ -][a-z]+)?)"
)
_NO_NAME = frozenset(
    "sorry ok okay hello hi yes no vip app wifi ic id email mail line whatsapp qq atm sir mr mrs ms miss the at from room".split()
)
_GIVEN = frozenset("明华芳丽英玲婷雯娟霞燕珍琴敏静娜萍涛军伟强杰佳雅琪怡颖")
"""Characters of given names that stand alone after 小 (小芳), of no ordinary words with it."""
_FAMILIAR = re.compile(r"(?P<size>[小老])(?P<surname>[一-鿿])|阿(?P<given>[一-鿿])")
_NO_FAMILIAR = frozenset(
    "小费 小钱 小于 小成 小毛 老牛 小康 小方 老成 小麦 小江 老乔 小区 小路 小包 小车 小文 老房 小房 小单 小关 小白 老公 老路 小门 小温 小池 小金 小石 小段 老高 小洪 小高 小谷 小苗 老车 小布 小管 老管 老单".split()
)
_NO_GIVEN = frozenset("姨公嬷婆伯里拉弥嫂兵妈爸哥妹爷北尔叔弟姐斗们呆坡富根")
_IDIOM = re.compile("张三李四|老王卖瓜|路人甲|张三|李四")
_BEFORE_FAMILIAR = frozenset("大从变最很")

_COMPOSED = re.compile(
    "耳东的?陈|弓长的?张|木子的?李|双木的?林|口天的?[吴吕]|草头的?黄|草将的?蒋|立早的?章|早立的?章|古月的?胡|三横一?竖?的?王|三划的?王|"
    "走肖的?赵|言午的?许|木易的?杨|双口的?吕|人可的?何|禾呈的?程|美女的?姜|西早的?覃|文刀的?刘|卯金刀的?刘|干[勾钩]的?于|人未的?朱|"
    "十八子的?李|水工的?江|女又的?奴|四维的?罗|走召的?赵|人禾的?[佘余]|余则的?余|奠耳的?郑|关耳的?郑|又鸟的?鸡|双人的?徐|双火的?炎|"
    "凡人的?巩|女未的?妹|舍予的?舒|日月的?明|子小的?孙|小子的?孙|竹付的?符|百家姓的?[赵钱孙李]|羊女的?姜|丘耳的?邱|山今的?岑|口土的?田|"
    "邵[刀口]耳|二马的?冯|两点水的?冯|三点水的?[江汪洪温沈潘]|草字头的?[黄蔡蒋叶苏董范莫]|单人旁的?[何任傅]|双人旁的?徐|木字旁的?[林杨柯柳]"
)
"""How a surname is spelled by its parts."""
_EXPLAINED = re.compile(r"(?P<word>[一-鿿]{2,4})的(?P<char>[一-鿿])")
_NOT_EXPLAINED = frozenset("的了是在我你他她它不有对好行可这那")
_NAME_TALK = re.compile("姓|叫|名|贵姓|先生|小姐|女士|太太|称呼|怎么写|哪个字|收件人")

Spans = list[tuple[int, int]]


def names(text: str) -> Spans:
    """Where names stand in a folded text.

    >>> [text[a:b] for text in ["我姓陈耳东陈找黄色门口的林美玲小姐"] for a, b in names(text)]
    ['陈', '耳东陈', '林美玲']
    """
    spelled = list(_spelled(text))
    rest = list(text)
    for start, end in (*spelled, *(found.span() for found in _IDIOM.finditer(text))):
        rest[start:end] = "\0" * (end - start)
    bare = "".join(rest)
    found = {*spelled, *_titled(bare), *_introduced(bare), *_surnames(bare), *_latin(bare), *_familiar(bare)}
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


def _spelled(text: str) -> Iterator[tuple[int, int]]:
    for found in _COMPOSED.finditer(text):
        yield found.span()
    talk = bool(_NAME_TALK.search(text))
    at = 0
    while (found := _EXPLAINED.search(text, at)) is not None:
        at = found.start("char") + 1
        word, char = found["word"], found["char"]
        if char not in word or char in _NOT_EXPLAINED:
            continue
        if found.end() < len(text) and frequency(text[found.end() - 1 : found.end() + 1]) > 100:
            continue  # 門口的*門童*
        size = _explaining(word, char)
        start = found.end("word") - size
        if text[max(0, start - 2) : start].endswith(("不是", "不系", "不")):
            continue
        if talk or text[max(0, start - 2) : start] == f"{char}是":
            double = text[found.start("char") : found.start("char") + 2] in COMPOUND
            yield start, found.end() + double


def _explaining(word: str, char: str) -> int:
    """How many characters before 的 are the word that shows which character is meant."""
    for size in range(len(word), 2, -1):
        if char in word[-size:] and frequency(word[-size:]):
            return size
    return 2 if char in word[-2:] else len(word) - word.rindex(char)


def _titled(text: str) -> Iterator[tuple[int, int]]:
    for found in _TITLED.finditer(text):
        at = found.start()
        start = _name_before(text, at)
        if start is None:
            continue
        if found["short"] and (frequency(text[start : at + 1]) or frequency(text[at - 1 : at + 1])):
            continue
        yield start, at


def _name_before(text: str, at: int) -> int | None:
    """Where the name begins that ends at ``at``: 陈, 欧阳, 陈大文; ``None`` where none does."""
    for size in (4, 3, 2):
        if size <= at and _is_full_name(text[at - size : at]) and not _joined(text, at - size):
            return at - size
    if at >= 2 and text[at - 2 : at] in COMPOUND:
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

    After a ``strong`` cue only a whole name that is a word is doubted.
    """
    surname = 2 if name[:2] in COMPOUND else 1
    given = name[surname:]
    if not 1 <= len(given) <= 2 or (surname == 1 and name[0] not in SURNAMES):
        return False
    if _TITLED.fullmatch(given) or any(char in _NEVER or not "一" <= char <= "鿿" for char in given):
        return False
    if len(given) == 2 and not strong and frequency(given) > _ORDINARY:
        return False
    return surname == 2 or strong or not _is_word(name[:2], len(given))


_ORDINARY = 3000
"""From this frequency on, two characters are a word (公司) rather than a given name."""


def _is_word(pair: str, given: int) -> bool:
    """Whether surname and first character are an ordinary word (方便); rarer ones are names as well."""
    return frequency(pair) > (300 if given == 2 else 100)


def _introduced(text: str) -> Iterator[tuple[int, int]]:
    for found in _INTRODUCED.finditer(text):
        end = _name_from(text, found.end(), bool(found["strong"]))
        if end is None or (found["bare"] and not _AFTER_BARE.match(text, end)):
            continue
        yield found.end(), end


def _name_from(text: str, start: int, strong: bool) -> int | None:
    """Where the name ends that begins at ``start``; a strong cue needs no surname."""
    end = start
    while end < len(text) and end - start < 4 and "一" <= text[end] <= "鿿" and text[end] not in _NEVER:
        end += 1
    compound = text[start : start + 2] in COMPOUND
    longest = min(end, start + (4 if compound else 3))
    titled = _TITLED.search(text, start, longest + 3)
    if titled and titled["long"]:
        longest = min(longest, titled.start())
    if longest - start < 2:
        return None
    if text[start] in SURNAMES or compound:
        for size in range(longest - start, 1, -1):
            if _is_full_name(text[start : start + size], strong):
                return start + size
        return None
    if not strong or frequency(text[start : start + 2]) > 300:
        return None
    return longest


def _surnames(text: str) -> Iterator[tuple[int, int]]:
    for found in _SAYS_SURNAME.finditer(text):
        start = found.start("name")
        if text[start] in _NOT_SURNAME or text[max(0, found.start() - 1)] in SURNAMES:
            continue
        compound = found["name"] in COMPOUND
        yield start, start + (2 if compound else 1)


    for found in _ANSWERED.finditer(text):
        start = found.end()
        for size in (4, 3, 2, 1):
            name = text[start : start + size]
            known = name in COMPOUND or name in SURNAMES or _is_full_name(name)
            if known and len(name) == size and _AFTER_ANSWER.match(text, start + size):
                yield start, start + size
                break


def _latin(text: str) -> Iterator[tuple[int, int]]:
    for found in _LATIN.finditer(text):
        words = re.split("[ -]", found["name"])
        if words[0] in _NO_NAME or len(words[0]) < 2:
            continue
        whole = len(words) == 1 or words[1] in _NO_NAME
        yield found.start("name"), found.start("name") + (len(words[0]) if whole else len(found["name"]))


def _familiar(text: str) -> Iterator[tuple[int, int]]:
    """小李, 老张, 阿玲."""
    for found in _FAMILIAR.finditer(text):
        start, end = found.span()
        before, after = text[max(0, start - 1) : start], text[end - 1 : end + 1]
        if found["given"]:
            if found["given"] not in _NO_GIVEN | _NEVER and not frequency(found.group()) > 300:
                yield start, end
        elif (
            (found["surname"] in SURNAMES or (found["size"] == "小" and found["surname"] in _GIVEN))
            and found.group() not in _NO_FAMILIAR
            and before not in _BEFORE_FAMILIAR
            and not (len(after) == 2 and frequency(after) > 200)
        ):
            yield start, end
