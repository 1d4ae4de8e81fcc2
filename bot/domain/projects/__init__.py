"""Projects: what an incident can be about, and who comes to it."""
