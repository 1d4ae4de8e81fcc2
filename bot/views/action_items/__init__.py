"""Messages, forms and texts of action items."""
