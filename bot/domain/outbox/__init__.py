"""The outbox: effects, the rows that hold them, their queues, and when to retry."""
