"""`make bench`: what Muster costs beside a bare Bolt app, in one run on one fake server; no tests."""
