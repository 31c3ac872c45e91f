"""Exits 0 when this container's component of Airflow gave a sign of life lately: `heartbeat.py SchedulerJob`.

The question of `airflow jobs check --local`, put to Airflow's database without Airflow: starting that takes
seconds of CPU and 113 MiB each time. Takes AIRFLOW__DATABASE__SQL_ALCHEMY_CONN; jobs have to be known by
`socket.gethostname` (AIRFLOW__CORE__HOSTNAME_CALLABLE).
"""

import os
import socket
import sys
from typing import Any

SILENT_SECONDS = 60.0  # components write every 5 to 10 seconds
QUERY = """
SELECT EXTRACT(EPOCH FROM now() - max(latest_heartbeat)) FROM job
WHERE state = 'running' AND job_type = %s AND hostname = %s
"""


def silent(cursor: Any, job_type: str, host: str) -> str:
    """Why the component does not count as alive; empty when it does."""
    cursor.execute(QUERY, (job_type, host))
    (seconds,) = cursor.fetchone()
    if seconds is None:
        return f"no {job_type} runs on {host}"
    return "" if seconds < SILENT_SECONDS else f"{job_type}: the last heartbeat was {seconds:.0f} s ago"


def main(job_type: str) -> str:
    """Asks the database."""
    import psycopg2  # type: ignore[import-untyped]  # only the service's image has it

    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg2:", "postgresql:", 1)
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
        with connection.cursor() as cursor:
            return silent(cursor, job_type, socket.gethostname())
    except psycopg2.Error as error:
        return str(error).strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
