"""The prediction service beside a plain one and a handler that does nothing."""
