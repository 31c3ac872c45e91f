"""How good predictions are: joined with the rides' real durations, compared with the past, reported."""
