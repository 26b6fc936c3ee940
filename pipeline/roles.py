"""Who speaks in a call: the words every value uses for it."""

from __future__ import annotations

from typing import Literal

Role = Literal["agent", "customer", "unknown"]
Party = Literal["agent", "customer"]

ABOUT_ROLES = "roles: "
"""How a warning begins that is about who is the agent."""

BY_WORDS = " from what "
"""Stands in such a warning where the words told it clearly: good to know, and no doubt."""


def is_doubt(warning: str) -> bool:
    """Whether a call's warning leaves something in doubt.

    >>> is_doubt("roles: calls.csv has no agent_channel; channel 1 taken as the agent's from what it says")
    False
    >>> is_doubt("roles: calls.csv has agent_channel 0, but channel 1 speaks as an agent")
    True
    """
    return not (warning.startswith(ABOUT_ROLES) and BY_WORDS in warning)
