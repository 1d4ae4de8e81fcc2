"""What people can do: each method is one transaction, and passes the gate first."""
