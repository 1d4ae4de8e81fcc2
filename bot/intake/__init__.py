"""How Slack reaches the bot: Socket Mode or HTTP, and what happens before an ack."""
