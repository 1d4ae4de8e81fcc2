"""How requests come in: the session, its stream, and the batches of messages."""
