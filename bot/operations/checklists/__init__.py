"""What people do with checklists."""
