"""The state store on PostgreSQL: tables in a schema of their own, and a function in it for each operation."""
