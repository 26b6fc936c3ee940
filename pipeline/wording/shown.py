"""A judged call as people may see it."""

from __future__ import annotations

from pipeline.records import Judged
from pipeline.wording.masking import mask_judged
from pipeline.wording.script import in_traditional


def as_shown(judged: Judged, *, unmasked: bool = False) -> Judged:
    """Personal data masked unless asked otherwise, and all that was said in Traditional characters."""
    return in_traditional(judged if unmasked else mask_judged(judged))
