"""callqa: listen to recorded front-desk calls and judge them, clause by clause, against a written standard.

The whole program in a line::

    scorecard = judge(hear_call(recording, decode(path), models), standard).scorecard

``cli`` and ``batch`` stand above that line; ``records`` holds the values that travel along it.
"""

from pipeline.switches import throw_switches

throw_switches()

__version__ = "0.22.0"

LISTENS_AS: tuple[str, ...] = (__version__,)
"""Versions that listen as this one does: what they heard need not be heard again."""
