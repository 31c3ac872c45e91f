"""How a training's time and memory grow with its rides, and shrink with Dask's workers."""
