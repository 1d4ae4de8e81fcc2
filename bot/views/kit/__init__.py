"""What every message and form is made of."""
