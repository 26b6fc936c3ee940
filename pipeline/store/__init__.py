"""What a night leaves behind: calls, answers, scorecards, failures.

SQLite by default, any database SQLAlchemy knows by URL. Values are kept as the JSON of
:mod:`pipeline.records`; a column stands beside it only where something is searched by.
"""

from pipeline.store.bearers import Bearers
from pipeline.store.purging import purged_before
from pipeline.store.runs import Claim, Run
from pipeline.store.standing import Standing, standing
from pipeline.store.store import CardText, Kept, KeptText, Store
from pipeline.store.troubles import ATTEMPTS, Trouble

__all__ = [
    "ATTEMPTS",
    "Bearers",
    "CardText",
    "Claim",
    "Kept",
    "KeptText",
    "Run",
    "Standing",
    "Store",
    "Trouble",
    "purged_before",
    "standing",
]
