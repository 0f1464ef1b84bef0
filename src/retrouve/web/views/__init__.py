"""One module per page, or per few pages that make one step."""
