"""Projects: what admins say about them."""
