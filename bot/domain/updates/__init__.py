"""Updates for those who wait: what they hold, when the next is due, and what follows from them."""
