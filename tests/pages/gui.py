"""`python -m tests.pages.gui FD`: the admin GUI as its command serves it, on a listening socket."""

import os
import socket
import sys

import waitress

from workloads.admin.__main__ import THREADS
from workloads.admin.app import create_app
from workloads.admin.settings import Settings

if __name__ == "__main__":
    app = create_app(Settings.of(os.environ))
    waitress.serve(app, sockets=[socket.socket(fileno=int(sys.argv[1]))], threads=THREADS, _quiet=True)
