"""The client's methods, one subject a file: one method a route, and one that walks all pages of each list."""
