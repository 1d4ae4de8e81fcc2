"""The worker's parts, without a database."""
