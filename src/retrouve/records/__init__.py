"""What we remember: rows with their constraints, and small named functions over them. Rows send nothing."""
