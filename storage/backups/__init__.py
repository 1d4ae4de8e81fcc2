"""Backups: the file, and what goes from a database into it and back."""
