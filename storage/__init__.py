"""The database. Rows never leave this package: callers pass and receive domain values."""
