"""Five-whys sessions: the analysis, its tree, and what follows from each answer."""
