"""Action items: created, changed, listed, and people reminded of them."""
