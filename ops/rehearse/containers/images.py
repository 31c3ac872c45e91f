"""The project's own images, built by the engine and given a layer that knows this machine's AWS."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from components.orchestration.images import CONTEXTS, DOCKERFILES
from ops.rehearse.containers import bases
from ops.rehearse.containers.docker import Docker, Engine

_FROM = re.compile(r"^FROM (\S+)", re.MULTILINE)


def bases_of(images: Iterable[str]) -> set[str]:
    """The images that the Dockerfiles of `images` begin with."""
    return {found for name in images for found in _FROM.findall(_dockerfile(name).read_text())}


def build(engine: Engine) -> list[str]:
    """Builds every image on its public base; gives the bases for which there is a stand-in."""
    stand_ins = bases.provide(engine, bases_of(CONTEXTS))
    pool = ThreadPoolExecutor(len(CONTEXTS))
    try:
        # Most of a build is waiting for packages.
        for each in [pool.submit(_build, engine.docker, name) for name in CONTEXTS]:
            each.result()
    finally:
        # An interrupted rehearsal does not wait for builds: they end with the engine.
        pool.shutdown(wait=False, cancel_futures=True)
    return stand_ins


def with_account(docker: Docker, tag: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The images with AWS' variables in a layer of their own, as names by image."""
    lines = [f"ENV {key}={value}" for key, value in environment.items()]
    tags = {}
    for name in CONTEXTS:
        tags[name] = f"rehearsal/{name}:{tag}"
        text = "\n".join([f"FROM rehearsal/{name}", *lines])
        docker("build", "--quiet", "--tag", tags[name], "-", given=text.encode())
    return tags


def _build(docker: Docker, name: str) -> None:
    docker.build(CONTEXTS[name], f"rehearsal/{name}", dockerfile=_dockerfile(name))


def _dockerfile(name: str) -> Path:
    return CONTEXTS[name] / DOCKERFILES[name]
