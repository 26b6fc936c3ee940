"""E-mail addresses and names in messengers, written or read out: 「wang 小老鼠 gmail 點 com」."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDE = 40
"""Characters on either side of the @ in which the rest of an address is looked for."""

_CHAR = "a-z0-9零〇一二三四五六七八九幺两"
_SIGN = "[-_+.]|点|dot|杠|槓|下划线|下线|底线|减号|横杠|横线"
_AT = re.compile(
    r"(?P<sure>@|小老鼠|老鼠|艾特|[圈花]\s?a(?![a-z]))|(?P<word>(?<![a-z])at(?![a-z]))"
)
# every repetition begins with a break, so that a run of letters is read in one way only
_LOCAL = re.compile(rf"(?:[{_CHAR}]+(?:\s?(?:{_SIGN})\s?|\s))*[{_CHAR}]+\s?$")
_TOP = r"(?:\s?(?:\.|点|dot)\s?[a-z](?:\s?[a-z]){1,6})+"
_DOMAIN = re.compile(
    rf"\s?(?:(?:[{_CHAR}-]+\s)*?[{_CHAR}-]+|[一-鿿]{{2,3}}){_TOP}|\s?(?P<bare>[{_CHAR}]{{2,}})"
)
_MESSENGER = re.compile(
    r"(?:line|微信|wechat|whatsapp|telegram|脸书|facebook|(?<![a-z])ig)"
    r"(?:[\s:]*(?:id|帐号|账号|号码|号|同号|是)){1,3}[\s:]*"
    rf"(?P<name>[a-z](?:[\s_.\-]?[{_CHAR}]){{1,{WIDE}}})"
)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses and names in messengers stand in a folded text.

    >>> [text[a:b] for text in ["寄到m c chen at gmail 点 com谢谢"] for a, b in emails(text)]
    ['m c chen at gmail 点 com']
    """
    reached = 0
    for at in _AT.finditer(text):
        begun = max(reached, at.start() - WIDE)
        local = _LOCAL.search(text[begun : at.start()])
        domain = _DOMAIN.match(text[at.end() : at.end() + WIDE])
        if local and domain and (at["sure"] or not domain["bare"]):
            reached = at.end() + domain.end()
            yield begun + local.start(), reached
    yield from (found.span("name") for found in _MESSENGER.finditer(text))
