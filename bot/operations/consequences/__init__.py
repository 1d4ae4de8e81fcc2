"""What a change of one noun brings about in another."""
