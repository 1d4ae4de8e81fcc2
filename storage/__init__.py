"""Everything that is stored. Rows stay in here: callers pass and receive domain values."""
