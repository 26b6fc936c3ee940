"""Which festival a day is, by the solar or the lunar calendar (4.1.2.3)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import Lunar, LunarMonth

from pipeline.judge.standard import Festival, Festivals, month_and_day


def festival_on(day: date, rule: Festivals) -> Festival | None:
    """The festival whose days hold ``day`` where the front desk stands; the first of several.

    >>> from datetime import date
    >>> spring = Festival(title="春節", lunar="01-01", days=7, eve=1, wishes=("wish",))
    >>> festival_on(date(2026, 2, 17), Festivals(region="TW", days=(spring,))).title
    '春節'
    """
    return next(
        (one for one in rule.days if rule.region in one.regions and _holds(day, one)),
        None,
    )


def _holds(day: date, festival: Festival) -> bool:
    return any(
        first - timedelta(days=festival.eve) <= day < first + timedelta(days=festival.days)
        for year in (day.year - 1, day.year, day.year + 1)
        if (first := _first_day(year, festival)) is not None
    )


@lru_cache(maxsize=1024)  # the moon takes milliseconds to reckon
def _first_day(year: int, festival: Festival) -> date | None:
    """When a festival begins in a solar or lunar year; ``None`` where the year has no such day."""
    month, day = month_and_day(festival.solar or festival.lunar or "")
    if festival.lunar:
        lunar_month = LunarMonth.fromYm(year, month)
        if lunar_month is None or day > lunar_month.getDayCount():
            return None
        solar = Lunar.fromYmd(year, month, day).getSolar()
        return date(solar.getYear(), solar.getMonth(), solar.getDay())
    if day > monthrange(year, month)[1]:
        return None
    return date(year, month, day)
