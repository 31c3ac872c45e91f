"""`python -m ops.sandbox.mlflow_server FD`: the MLflow server on a listening socket, in one process.

`mlflow server` imports MLflow twice, once to start uvicorn and once in it; the five seconds of the first are
a tenth of a sandbox's time. What it sets for its child is set here.
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn


def main(descriptor: int) -> None:
    """Serves until it is ended; state lies in the folder that SERVER_FOLDER names."""
    folder, port = Path(os.environ["SERVER_FOLDER"]), os.environ["SERVER_PORT"]
    os.environ |= {
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
        "_MLFLOW_SGI_NAME": "uvicorn",
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"127.0.0.1:{port},localhost:{port}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    config = uvicorn.Config("mlflow.server.fastapi_app:app", log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
