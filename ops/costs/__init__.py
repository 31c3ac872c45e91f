"""What a stack costs a month, from the graph of its resources, before anything exists."""
