"""What goes wrong at night, one promise per file: the real bot, real sockets, a Slack that fails."""
