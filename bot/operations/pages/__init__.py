"""Pages: people who are called into an incident, and who of them has been seen."""
