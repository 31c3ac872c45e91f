"""The project's own images, built by the engine and given a layer that knows this machine's AWS."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from components.common.build_context import content_tag, stage
from components.common.paths import ROOT, WORKLOADS
from components.orchestration.images import CONTEXTS, DOCKERFILES
from components.serving.component import DOCKERFILE, PARTS
from ops.rehearse.containers import bases
from ops.rehearse.containers.docker import Docker, Engine

_FROM = re.compile(r"^FROM (\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What an image is built from; `parts` as for `stage`."""

    context: Path
    dockerfile: str
    parts: tuple[str, ...] = ()


_SOURCES = {
    **{name: _Source(context=CONTEXTS[name], dockerfile=DOCKERFILES[name]) for name in CONTEXTS},
    "automl": _Source(context=WORKLOADS, dockerfile="images/automl/Dockerfile"),
    "serving": _Source(context=ROOT, dockerfile=DOCKERFILE, parts=PARTS),
}


ALL = tuple(_SOURCES)
ON_INSTANCES = tuple(CONTEXTS)  # the others run on Fargate alone


def build(engine: Engine) -> list[str]:
    """Builds every image on its public base; gives the bases for which there is a stand-in."""
    found = (_FROM.findall((each.context / each.dockerfile).read_text()) for each in _SOURCES.values())
    stand_ins = bases.provide(engine, {base for each in found for base in each})
    pool = ThreadPoolExecutor(len(_SOURCES))
    try:
        # Most of a build is waiting for packages.
        for each in [pool.submit(_build, engine.docker, name) for name in _SOURCES]:
            each.result()
    finally:
        # An interrupted rehearsal does not wait for builds: they end with the engine.
        pool.shutdown(wait=False, cancel_futures=True)
    return stand_ins


def with_account(
    docker: Docker, tag: str, environment: Mapping[str, str], names: Iterable[str] = ON_INSTANCES
) -> dict[str, str]:
    """The images with AWS' variables in a layer of their own, as names by image."""
    lines = [f"ENV {key}={value}" for key, value in environment.items()]
    tags = {}
    for name in names:
        tags[name] = f"rehearsal/{name}:{tag}"
        text = "\n".join([f"FROM rehearsal/{name}", *lines])
        docker("build", "--quiet", "--tag", tags[name], "-", given=text.encode())
    return tags


def _build(docker: Docker, name: str) -> None:
    source = _SOURCES[name]
    context = source.context
    if source.parts:
        context = stage(
            context, f"{name}-{content_tag(name, 'rehearsal', context, source.parts)}", source.parts
        )
    docker.build(context, f"rehearsal/{name}", dockerfile=context / source.dockerfile)
