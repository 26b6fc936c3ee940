"""callqa: listen to recorded front-desk calls and judge them, clause by clause, against a written standard.

The whole program in a line::

    scorecard = judge(listen(recording), standard)

``cli`` and ``batch`` stand above that line; ``records`` holds the values that travel along it.
"""

__version__ = "0.5.0"
