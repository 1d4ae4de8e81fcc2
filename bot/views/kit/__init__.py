"""The parts shared by all messages and forms."""
