"""Whether a day differs from a model's reference by more than its own weeks do. Pure; no file, no network."""
