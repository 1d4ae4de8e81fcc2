"""What incidents are and how they behave: standard library only, no I/O, ``now`` is an argument."""
