"""Recording -> Call: decode, voice activity, who spoke, what was said, how it was said.

:func:`pipeline.listen.listen.listen` is the one door; each other module is one stage behind it.
"""
