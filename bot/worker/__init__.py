"""Background work: performing the effects in the outbox, and planning whatever has fallen due."""
