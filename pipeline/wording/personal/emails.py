"""E-mail addresses and names in messengers, written or read out: 「wang 小老鼠 gmail 點 com」."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.personal.vocabulary import NO_LATIN_NAMES

WIDE = 40
"""Characters on either side of the @ in which the rest of an address is looked for."""

_CHAR = "a-z0-9零〇一二三四五六七八九幺两"
_SIGN = "[-_+.]|点|dot|杠|槓|下划线|下线|底线|减号|横杠|横线"
_BREATH = r"(?:[,，、]?\s|[,，、])"
"""Where one draws breath."""
_AT = re.compile(
    r"(?P<sure>@|小老鼠|老鼠|艾特|[圈花]\s?a(?![a-z]))|(?P<word>(?<![a-z])at(?![a-z]))"
)
# every repetition begins with a break, so that a run of letters is read in one way only
_LOCAL = re.compile(rf"(?:[{_CHAR}]+(?:\s?(?:{_SIGN})\s?|{_BREATH}))*[{_CHAR}]+{_BREATH}?$")
_TOP = rf"(?:{_BREATH}?(?:\.|点|dot)\s?[a-z](?:\s?[a-z]){{1,6}})+"
_DOMAIN = re.compile(
    rf"{_BREATH}?(?:(?:[{_CHAR}-]+\s)*?[{_CHAR}-]+|[一-鿿]{{2,3}}){_TOP}|\s?(?P<bare>[{_CHAR}]{{2,}})"
)
_UNDERSCORE = "底线|下划线"
_NAME = (
    rf"(?P<name>[a-z](?:[\s_.\-]?(?:[{_CHAR}]|{_UNDERSCORE})|[,，](?:[{_CHAR}](?![a-z])|{_UNDERSCORE}))"
    rf"{{2,{WIDE}}})"
)
_NO_NAME = re.compile(
    rf"(?:{NO_LATIN_NAMES.pattern}|pay|gmail|group|call|message|password|page|account|official|channel|sent|"
    "scan|box|mini)(?![a-z0-9_])"
)
_LEADING = "就?是|多少|[拼小大][音写]的?|我|的"
"""What else is said on the way to a name: 「微信號是拼音的 …」."""
_MESSENGER = re.compile(
    r"(?:line|微信|wechat|whatsapp|telegram|脸书|facebook|(?<![a-z])ig)"
    rf"(?:[\s:,，]*(?:id|帐号|账号|号码|号|同号|{_LEADING})){{0,5}}[\s:,，]*{_NAME}"
)
"""A name in a messenger, whose own name may stand right before it: 「我微信chenxm88」."""
_MAILBOX = re.compile(
    "(?:邮箱|信箱|e-?mail|gmail|hotmail|outlook)"
    rf"(?:[\s:,，]*(?:地址|帐号|账号|{_LEADING})){{0,4}}[\s:,，]*{_NAME}"
)
"""The part before the @ alone: 「郵箱是chenxm八八，QQ郵箱」."""


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses and names in messengers stand in a folded text.

    >>> [text[a:b] for text in ["寄到m c chen at gmail 点 com谢谢"] for a, b in emails(text)]
    ['m c chen at gmail 点 com']
    """
    reached, taken = 0, []
    for at in _AT.finditer(text):
        begun = max(reached, at.start() - WIDE)
        local = _LOCAL.search(text[begun : at.start()])
        domain = _DOMAIN.match(text[at.end() : at.end() + WIDE])
        if local and domain and (at["sure"] or not domain["bare"]):
            reached = at.end() + domain.end()
            taken.append((begun + local.start(), reached))
    yield from taken
    for told in (_MESSENGER, _MAILBOX):
        for found in told.finditer(text):
            if not _NO_NAME.match(found["name"]) and not any(
                a < found.end("name") and found.start("name") < b for a, b in taken
            ):
                yield found.span("name")


def local_part(address: str) -> str:
    """What stands before the @ of an address, by which it is known again; all of a name in a messenger.

    >>> local_part("chen_m小老鼠gmail点com")
    'chen_m'
    """
    return _AT.split(address, maxsplit=1)[0].strip(" ,，、")
