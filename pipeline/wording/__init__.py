"""Chinese text: bring it to one form, cut it into words, find phrases in it. Knows nothing of calls."""
