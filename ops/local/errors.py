"""The error that ends a local run without a traceback."""


class LocalRunError(Exception):
    """The run cannot go on; the message says what happened, where to look, and what to do."""
