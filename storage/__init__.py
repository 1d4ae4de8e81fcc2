"""Where everything is kept. Rows stay in here: what goes in and comes out are domain values."""
