"""What a change to an incident, an action item or the like changes elsewhere."""
