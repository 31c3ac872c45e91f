"""Batches of the stream given to the function: what it receives, what it answers, and dead letters again."""
