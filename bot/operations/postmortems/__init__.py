"""Postmortems: drafted, written, completed, and people reminded to write them."""
