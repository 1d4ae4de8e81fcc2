"""How events and interactions reach the bot."""
