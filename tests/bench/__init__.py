"""`make bench`: what Muster costs compared with a bare Bolt app, in one run on one fake server; no tests."""
