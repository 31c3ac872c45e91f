"""What can go wrong in a sandbox, told without a traceback."""


class SandboxError(Exception):
    """The sandbox cannot go on; the message says what happened, where to look, and what to do."""
