"""Five-whys sessions: starting them, answering in their threads, and reading them."""
