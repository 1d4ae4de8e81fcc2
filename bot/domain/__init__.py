"""What incidents are and how they behave. Standard library only, no I/O; ``now`` is always an argument."""
