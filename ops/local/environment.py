"""What of the caller's environment reaches a run: an allow-list, so that nothing else can change it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

MACHINE = {
    "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "SHELL", "SSL_CERT_DIR",
    "SSL_CERT_FILE", "TERM", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME",
}  # fmt: skip
# Only what downloads trips and packages goes through a proxy or looks into these folders.
DOWNLOADS = {
    "ALL_PROXY", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "MLOPS_CACHE_DIR", "MLOPS_DATA_DIR",
    "REQUESTS_CA_BUNDLE", "all_proxy", "http_proxy", "https_proxy",
}  # fmt: skip
DOWNLOADS_PREFIXES = ("PIP_", "UV_")
LOCAL = "127.0.0.1,localhost"
# No profile, no proxy and no credentials of the caller between a run and its own servers.
OWN = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": LOCAL,
    "no_proxy": LOCAL,
    "PYTHONUTF8": "1",
}


def machine(environ: Mapping[str, str]) -> dict[str, str]:
    """What any program needs of `environ`, and `OWN`."""
    return {name: value for name, value in environ.items() if name in MACHINE or name[:3] == "LC_"} | OWN


def downloads(environ: Mapping[str, str]) -> dict[str, str]:
    """The same with what a program needs that downloads trips or packages."""
    wanted = {
        name: value
        for name, value in environ.items()
        if name in DOWNLOADS or name.startswith(DOWNLOADS_PREFIXES)
    }
    return machine(environ) | wanted


@contextmanager
def only(environment: Mapping[str, str]) -> Iterator[None]:
    """Makes `environment` this process's own for the block."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environment)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
