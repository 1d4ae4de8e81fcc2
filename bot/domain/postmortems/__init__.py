"""Postmortems: the document, its measures, and when people are reminded to write it."""
