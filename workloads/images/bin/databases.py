"""Makes the roles and databases that its arguments name (`databases.py airflow mlflow`); idempotent.

Takes PGHOST, PGUSER and PGPASSWORD (the master's), libpq's other variables, and each role's password as
`<NAME>_DATABASE_PASSWORD`. The master's password is needed here alone: a service has a role of its own, which
sees its own database and nothing else. Two that run at once take turns.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

LOCK = 7_462_015  # any number that only this script uses; Postgres keys advisory locks by it
PATIENCE_SECONDS = 600  # an instance that was stopped for the night needs minutes to start
PAUSE_SECONDS = 5


def connected(
    connect: Callable[[], Any], retry_on: type[Exception], patience: float = PATIENCE_SECONDS
) -> Any:
    """The first connection that succeeds within `patience` seconds; else the last error."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return connect()
        except retry_on as error:
            if time.monotonic() > deadline:
                raise
            print(f"the database is not ready: {error}", flush=True)
            time.sleep(PAUSE_SECONDS)


def create(cursor: Any, quote: Callable[[str], str], name: str, password: str) -> None:
    """Makes the role and the database `name` unless they exist, and sets the role's password."""
    role = quote(name)
    cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    cursor.execute(f"ALTER ROLE {role} PASSWORD %s", (password,))
    # RDS's master is no superuser: only a member of a role may give a database to it.
    cursor.execute(f"GRANT {role} TO CURRENT_USER")
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(f"CREATE DATABASE {role} OWNER {role}")
    cursor.execute(f"REVOKE CONNECT ON DATABASE {role} FROM PUBLIC")


def main(names: list[str]) -> None:
    """Connects to the server that libpq's variables name, and makes each of `names`."""
    import psycopg2  # type: ignore[import-untyped]  # only the service's image has it
    from psycopg2.extensions import quote_ident  # type: ignore[import-untyped]

    def connect() -> Any:
        return psycopg2.connect(dbname="postgres", connect_timeout=10)

    connection = connected(connect, psycopg2.OperationalError)
    connection.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
    with connection.cursor() as cursor:
        for name in names:
            password = os.environ[f"{name.upper()}_DATABASE_PASSWORD"]
            create(cursor, lambda text: str(quote_ident(text, connection)), name, password)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
