"""What leaves the store for other programs: tables, a workbook, clips of sound.

Everything here is masked unless asked otherwise, is read a block of calls at a time, and says in each of
its rows what made it.
"""

from pipeline.export.clips import ClipOrder, Clips, export_clips
from pipeline.export.orders import FORMATS, Exported, Format, Order, export

__all__ = [
    "FORMATS",
    "ClipOrder",
    "Clips",
    "Exported",
    "Format",
    "Order",
    "export",
    "export_clips",
]
