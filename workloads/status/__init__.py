"""The status page: what is up, asked from outside."""
