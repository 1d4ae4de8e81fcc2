"""How Slack's requests reach the bot, by Socket Mode or HTTP, and what happens before an ack."""
