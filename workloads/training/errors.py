"""Errors that the command line turns into one line."""


class TrainingError(Exception):
    """Training cannot go on; the message names the option, what it got, and the fix."""

    exit_code = 1


class SettingError(TrainingError):
    """An option or an environment variable has a value that is not allowed."""

    exit_code = 2
