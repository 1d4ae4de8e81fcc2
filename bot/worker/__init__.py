"""What runs without a request: the outbox, and what falls due."""
