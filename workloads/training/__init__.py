"""Training: features, model, MLflow's registry, and the bundle that the predictor serves."""
