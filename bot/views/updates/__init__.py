"""Updates as messages and forms."""
