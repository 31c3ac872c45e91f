"""AutoML: searches parameters, trains with the best ones, scores files; the core is the training's own."""
