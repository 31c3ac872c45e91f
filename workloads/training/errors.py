"""The error that the command line turns into one line."""


class TrainingError(Exception):
    """Training cannot go on; the message names the option, what it got, and the fix."""

    exit_code = 1
