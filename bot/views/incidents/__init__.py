"""The card, the announcement, and the forms of incidents."""
