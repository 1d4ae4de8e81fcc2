"""What faults cost: `make chaos` tries each promise and writes the table of docs/faults.md."""
