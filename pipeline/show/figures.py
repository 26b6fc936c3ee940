"""Times and numbers as readers see them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from unicodedata import category

from pipeline.records import Span


def clock(time_ms: int) -> str:
    """A time of the recording, to the tenth of a second.

    >>> clock(83_450), clock(3_600_000)
    ('1:23.4', '1:00:00.0')
    """
    tenths = time_ms // 100
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{start}:{tenths // 10:02}.{tenths % 10}"


def clock_short(time_ms: int) -> str:
    """A duration or an axis label, to the second.

    >>> clock_short(83_450)
    '1:23'
    """
    return clock(time_ms)[:-2]


def clock_span(span: Span) -> str:
    """Start and end of a stretch.

    >>> clock_span(Span(1_000, 2_500))
    '0:01.0–0:02.5'
    """
    return f"{clock(span.start_ms)}–{clock(span.end_ms)}"


def seconds(time_ms: int) -> str:
    """A length in seconds, without its unit.

    >>> seconds(5_240)
    '5.2'
    """
    return f"{time_ms / 1000:.1f}"


VAST = 1e15
"""From where on decimals are none of a number's, which a table of calls may hold all the same."""


def number(value: float, decimals: int = 2) -> str:
    """A measured number with at most so many decimals and no idle zeros, halves away from zero as
    spreadsheets have it.

    >>> number(10.0), number(7.254), number(-0.001), number(86.25, 1), number(1e27)
    ('10', '7.25', '0', '86.3', '1e+27')
    """
    if not abs(value) < VAST:
        return f"{value:g}"
    text = f"{_rounded(value, decimals):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def percent(share: float) -> str:
    """A share of one as whole percent; never 0 % or 100 % for what is only nearly so.

    >>> percent(0.5), percent(0.125), percent(0.999), percent(0.001), percent(1.0)
    ('50%', '13%', '99%', '1%', '100%')
    """
    whole = int(_rounded(share * 100, 0))
    if 0 < share < 1:
        whole = min(99, max(1, whole))
    return f"{whole}%"


def printable(text: str) -> str:
    """The text without what could steer a terminal or turn its line around; line ends stay.

    >>> printable("您好\\x1b[2J")
    '您好�[2J'
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if category(char)[0] == "C" and char != "\n" else char
        for char in text
    )
