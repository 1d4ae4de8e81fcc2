"""Postmortems: drafting, writing and completing them, and reminding people to do so."""
