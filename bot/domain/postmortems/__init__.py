"""Postmortems: the document, its measures, and when somebody is reminded to write it."""
