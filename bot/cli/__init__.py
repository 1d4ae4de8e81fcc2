"""What ``app.py`` does besides running the bot, one option each."""
