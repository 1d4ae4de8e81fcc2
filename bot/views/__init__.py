"""Domain values to Block Kit, and form state back to values: pure, and the one place that escapes."""
