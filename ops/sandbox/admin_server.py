"""`python -m ops.sandbox.admin_server FD`: the admin GUI on a listening socket of this machine alone.

`python -m workloads.admin` listens on every address, as a container has to.
"""

import os
import socket
import sys

from workloads.admin.server import serve
from workloads.admin.settings import Settings

if __name__ == "__main__":
    serve(Settings.of(os.environ), sockets=[socket.socket(fileno=int(sys.argv[1]))])
