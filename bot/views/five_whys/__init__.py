"""Messages and forms for five whys."""
