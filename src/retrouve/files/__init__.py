"""Lists of people as other programs write them: read line by line, nothing decided."""
