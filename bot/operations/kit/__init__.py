"""What all operations are built on: transactions, the gate, and who may see what."""
