"""What goes wrong at three in the morning, one promise per file: the real bot, real sockets, a Slack that fails."""
