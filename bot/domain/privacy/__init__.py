"""Public channels that become private, and private ones that become public."""
