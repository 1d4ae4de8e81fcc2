"""Projects: their list and their form."""
