"""What messages in Slack say: their texts, blocks, files and huddles, as the timeline keeps them."""
