"""Predictions over HTTP, by the predictor's own code: its modules have to be on the path, as in `lambda/`."""
