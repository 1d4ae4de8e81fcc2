"""What several parts of the domain share: people, text, keys, errors."""
