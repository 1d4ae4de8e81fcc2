"""What people can do: one method is one transaction, and asks the gate first."""
