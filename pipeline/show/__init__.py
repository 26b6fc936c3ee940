"""What people and programs see of a night: tables, documents, a page, and text for the terminal.

:func:`write_reports` writes the four results that are a contract with the outside, and
:class:`Results` the same call by call; ``explain`` and
``console`` speak to a terminal. Nothing here judges or measures: it shows values of
``pipeline.records``, already masked for personal data, and the words of one standard's outline.
"""

from __future__ import annotations

from pipeline.show.results import Results, Sheet, Written, sheet_of, write_reports

__all__ = ["Results", "Sheet", "Written", "sheet_of", "write_reports"]
