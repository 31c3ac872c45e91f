"""Signals that end a run."""

import signal
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_on_signals() -> None:
    """Makes Ctrl-C, `kill` and a closed terminal raise KeyboardInterrupt, once.

    What is ignored already stays so (`nohup`); after the first signal the others are ignored, so that none
    interrupts the ending of the processes.
    """
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
