"""Messages, forms and exports of postmortems."""
