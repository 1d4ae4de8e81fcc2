"""Domain values to Block Kit, and form state back to values. Pure; user input is escaped only here."""
