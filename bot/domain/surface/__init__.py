"""What people see and type: answers, forms and the grammar of commands."""
