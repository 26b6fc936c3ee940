"""Who speaks in a call: the words every value uses for it."""

from __future__ import annotations

from typing import Literal

Role = Literal["agent", "customer", "unknown"]
Party = Literal["agent", "customer"]
