"""What a change to one noun changes in the others."""
