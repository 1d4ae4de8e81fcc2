"""Meetings and time blocks: messages, forms, and events as the calendar shows them."""
