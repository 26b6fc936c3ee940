"""Moments: which day it was where the front desk stands, and which of two came first.

A telephone system may stamp its recordings in UTC: half past ten in the evening there is the next morning at
the desk.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

DESK = timezone(timedelta(hours=8))
"""The mainland, Taiwan, Hong Kong and Macao keep it, all year round."""

YEARS = (1970, 2100)
"""What a telephone system's clock may say. Calendars end not far from either year 1 or 9999."""


def day_of(moment: datetime) -> date:
    """The day at the desk; a moment without a zone is told by the desk's own clock.

    >>> day_of(datetime.fromisoformat("2026-01-01T22:30:00+00:00"))
    datetime.date(2026, 1, 2)
    >>> day_of(datetime.fromisoformat("2026-01-01T22:30:00"))
    datetime.date(2026, 1, 1)
    """
    return (moment.astimezone(DESK) if moment.tzinfo else moment).date()


def in_utc(moment: datetime) -> datetime:
    """A time that names no zone counts as UTC: what it is on this machine may differ on another.

    >>> in_utc(datetime.fromisoformat("2026-01-01T22:30:00+08:00")).isoformat()
    '2026-01-01T14:30:00+00:00'
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
