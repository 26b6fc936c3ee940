"""``python -m pipeline`` is ``callqa``."""

from pipeline.cli import main

main()
