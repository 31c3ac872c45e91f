"""The predictor beside the two usual ways of serving the same model, in one run on the same events."""
