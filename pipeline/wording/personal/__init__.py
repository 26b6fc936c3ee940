"""Personal data in what was said: numbers, addresses, names, e-mail; each found with its kind.

Speech recognition writes them with little punctuation, in either script, in digits or in spoken
numerals, and cuts them over several words, utterances and voices; so turns are read one after the other.
"""

from __future__ import annotations

from pipeline.wording.personal.find import Turn as Turn
from pipeline.wording.personal.find import digits_in as digits_in
from pipeline.wording.personal.find import find_in_text as find_in_text
from pipeline.wording.personal.find import find_personal as find_personal
from pipeline.wording.personal.values import Kind as Kind
from pipeline.wording.personal.values import PersonalData as PersonalData
