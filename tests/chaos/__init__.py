"""What faults cost, in figures: `make chaos` tries each promise and writes the table of docs/faults.md."""
