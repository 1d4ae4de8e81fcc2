"""Messages and forms of five whys."""
