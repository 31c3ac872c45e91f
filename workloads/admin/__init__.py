"""The admin GUI: what people look at, and the buttons by which they act on a stack."""
