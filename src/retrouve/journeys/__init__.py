"""What happens to a person: one module per verb. Each looks up, decides, writes, tells."""
