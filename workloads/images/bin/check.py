"""Exits 0 when a URL answers with 200 and, where a component is named, Airflow calls that component healthy.

`check.py http://api-server:8080/api/v2/monitor/health scheduler`. A container's health check runs it every
half minute, hence the standard library alone: Airflow's own `jobs check` takes seconds of CPU each time.
"""

import json
import sys
import urllib.request

TIMEOUT_SECONDS = 10


def main(url: str, component: str = "") -> str:
    """Why the check fails; empty when it does not."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own compose file's URLs
            body = answer.read()
    except OSError as error:
        return f"{url}: {error}"
    status = json.loads(body)[component]["status"] if component else "healthy"
    return "" if status == "healthy" else f"{component} is {status}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
