"""Action items: what they are, when they are due, and when people are reminded of them."""
