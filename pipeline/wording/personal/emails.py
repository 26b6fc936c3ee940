"""E-mail addresses and names in messengers, written or read out: 「wang 小老鼠 gmail 點 com」."""

from __future__ import annotations

import re
from collections.abc import Iterator

_D = "0-9零〇一二三四五六七八九幺两"
_DOT = r"(?:\.|点|dot)"
_SURE = "@|小老鼠|老鼠|艾特|圈\\s?a|花\\s?a"
_AT = rf"(?:{_SURE}|(?<![a-z])at(?![a-z]))"
_SIGN = "[-_+.]|点|dot|杠|槓|下划线|下线|底线|减号|横杠|横线"
_PART = rf"[a-z{_D}]+(?:\s?(?:{_SIGN})?\s?[a-z{_D}]+)*?"
_HOST = rf"[a-z{_D}-]+(?:\s?[a-z{_D}-]+)*?"
_TOP = rf"(?:\s?{_DOT}\s?[a-z](?:\s?[a-z])+)+"
_ADDRESS = re.compile(
    rf"{_PART}\s?{_AT}\s?(?:{_HOST}|[一-鿿]{{2,3}}){_TOP}|{_PART}\s?(?:{_SURE})\s?[a-z{_D}]{{2,}}"
)
_MESSENGER = re.compile(
    r"(?:line|微信|wechat|whatsapp|telegram|脸书|facebook|(?<![a-z])ig)(?:[\s:]*(?:id|帐号|账号|号码|号|同号|是))+[\s:]*"
    rf"(?P<name>[a-z](?:[\s_.\-]?[a-z{_D}])+)"
)
_NEEDS = re.compile(_AT)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Where e-mail addresses and names in messengers stand in a folded text.

    >>> [text[a:b] for text in ["寄到m c chen at gmail 点 com谢谢"] for a, b in emails(text)]
    ['m c chen at gmail 点 com']
    """
    if _NEEDS.search(text):
        for found in _ADDRESS.finditer(text):
            yield found.span()
    for found in _MESSENGER.finditer(text):
        yield found.span("name")
