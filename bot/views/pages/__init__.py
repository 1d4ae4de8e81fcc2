"""Pages: people who are called into an incident, and which of them have been seen."""
