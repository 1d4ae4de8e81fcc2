"""Messages, forms and exports for postmortems."""
