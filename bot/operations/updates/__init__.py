"""Writing updates, correcting them, nudging for the next one, and subscribing."""
