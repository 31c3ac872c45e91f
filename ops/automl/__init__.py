"""AutoML's tasks, on a stack or on this machine."""
