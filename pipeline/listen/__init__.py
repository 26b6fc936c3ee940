"""Recording -> Call: decode, voice activity, who spoke, what was said, how it was said.

:func:`pipeline.listen.listen.hear_call` is the one door; each other module is one stage behind it.
"""
