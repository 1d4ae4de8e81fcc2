"""What all operations are made of: transactions, the gate, and who may see what."""
