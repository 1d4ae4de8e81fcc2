"""Five-whys sessions: started, answered in a thread, and read."""
