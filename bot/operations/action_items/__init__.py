"""Action items: creating, changing and listing them, and reminding people of them."""
