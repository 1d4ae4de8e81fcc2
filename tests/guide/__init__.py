"""The guide and the README: links lead somewhere, and what they list is what the code has."""
