"""Follows channels that become private or public, and hides what was public."""
