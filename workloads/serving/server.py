"""The server, and how it ends: every request that was sent before a client could know is answered."""

import asyncio
from types import FrameType

import uvicorn

from workloads.serving.app import Service

LEAVE_SECONDS = 5  # in which connections that are at work end with an answer that says so
DRAIN_SECONDS = 20  # that requests at work may take after that
MOST_CONNECTIONS = 1000
# Longer than a load balancer ever keeps an idle connection: whoever closes first must not be the service,
# or a request that is on its way is answered with 502.
KEEP_ALIVE_SECONDS = 4060


class Server(uvicorn.Server):
    """uvicorn closes connections between two requests as soon as it is told to end, and a request may be on
    its way; here the answers close them first.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to end; a second signal does not wait."""
        if self._service.leaving:
            super().handle_exit(sig, frame)
            return
        self._service.leaving = True
        loop = asyncio.get_running_loop()
        self._leave(loop, loop.time() + LEAVE_SECONDS)

    def _leave(self, loop: asyncio.AbstractEventLoop, latest: float) -> None:
        if self.server_state.connections and loop.time() < latest:
            loop.call_later(0.05, self._leave, loop, latest)
        else:
            self.should_exit = True


def configuration(service: Service, *, host: str, port: int) -> uvicorn.Config:
    """How uvicorn serves it."""
    return uvicorn.Config(
        service,
        host=host,
        port=port,
        http="httptools",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        log_level="warning",
    )


def serve(service: Service, *, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, and then returns."""
    Server(configuration(service, host=host, port=port), service).run()
