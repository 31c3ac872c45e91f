"""The public base images, or stand-ins under the same names where no registry can be reached."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.rehearse.containers.docker import Docker, Engine

_FOLDER = Path(__file__).parent / "bases"
SUITE = "trixie"  # the first Debian with Python 3.13
_PACKAGES = ("ca-certificates", "libgomp1", "postgresql", "python3-venv", "redis-server")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What pip may have been told on this machine and needs inside of a build too.
_PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy")
_LABEL = "rehearsal.stand-in"


def provide(engine: Engine, images: Iterable[str]) -> list[str]:
    """Makes sure that the engine has `images`; gives the names of those that are stand-ins.

    Raises:
        LocalRunError: an image can neither be pulled nor made here.
    """
    docker = engine.docker
    missing = [image for image in sorted(images) if _stand_in(docker, image) is not False]
    if missing and docker.attempt("pull", "--quiet", missing[0]).returncode:
        for image in missing:  # all are in one registry
            _make(docker, image.partition("@")[0])
        engine.name_by_digest(missing)
        return missing
    for image in missing[1:]:
        docker("pull", "--quiet", image)
    return []


def _stand_in(docker: Docker, image: str) -> bool | None:
    """Whether the image is one of ours; None when the engine does not have it."""
    form = f'{{{{index .Config.Labels "{_LABEL}"}}}}'
    done = docker.attempt("image", "inspect", "--format", form, image)
    return done.stdout.strip() == b"true" if done.returncode == 0 else None


def _make(docker: Docker, image: str) -> None:
    kind = re.sub(r":.*", "", image).rpartition("/")[2]
    if kind not in ("docker", "python", "postgres", "redis"):
        raise LocalRunError(f"{image}: cannot be pulled, and there is no stand-in for it")
    options = ["--target", kind, "--label", f"{_LABEL}=true"]
    build_on_debian(docker, image, _FOLDER, debian(docker, [SUITE], _PACKAGES), *options)


def build_on_debian(docker: Docker, image: str, folder: Path, system: str, *options: str) -> None:
    """Builds a folder's Dockerfile on a file system of `debian`, with what pip needs on this machine."""
    with tempfile.TemporaryDirectory() as copied:
        context = Path(copied)
        shutil.copytree(folder, context, dirs_exist_ok=True)
        shutil.copy(_CERTIFICATES, context / _CERTIFICATES.name)
        found = _pip_settings()
        (context / "pip.conf").write_text(_pip_file(found))
        (context / "uv.toml").write_text(_uv_file(found))
        shutil.copy(docker.compose_program(), context / "docker-compose")
        docker.build(context, image, *options, "--build-arg", f"DEBIAN={system}")


def debian(docker: Docker, suites: Sequence[str], packages: Sequence[str]) -> str:
    """An image of Debian packages, made once; its tag says from what.

    Packages come from the first suite, but for those that are named as `<package>/<suite>`.

    Raises:
        LocalRunError: `mmdebstrap` is not installed, or failed.
    """
    digest = hashlib.sha256(" ".join([*suites, *packages]).encode()).hexdigest()[:12]
    image = f"rehearsal/debian:{digest}"
    if docker.attempt("image", "inspect", image).returncode == 0:
        return image
    if not shutil.which("mmdebstrap"):
        raise LocalRunError(
            "no registry can be reached, and stand-ins for its images need Debian's `mmdebstrap`: "
            "`apt-get install mmdebstrap`"
        )
    with tempfile.TemporaryDirectory() as folder:
        archive, preferences = Path(folder) / "system.tar", Path(folder) / "preferences"
        preferences.write_text(
            "".join(f"Package: *\nPin: release n={each}*\nPin-Priority: 100\n\n" for each in suites[1:])
        )
        words = [
            "--variant=minbase",
            f"--include={','.join(packages)}",
            "--dpkgopt=force-unsafe-io",
            f"--setup-hook=copy-in {preferences} /etc/apt",
            *(f"--aptopt={line}" for line in _apt_settings()),
        ]
        done = subprocess.run(
            ["mmdebstrap", "--quiet", *words, suites[0], str(archive), "-"],
            input="\n".join(_sources(suites)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalRunError(f"mmdebstrap failed:\n{done.stderr.strip()[-2000:]}")
        docker("import", str(archive), image)
    return image


def _sources(suites: Sequence[str]) -> list[str]:
    """Where this machine's own packages come from, for other releases of Debian."""
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)"
    lines = _printed("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    found = [line.split() for line in lines]
    return sorted(
        {
            f"deb {uri} {suite} main"
            for uri, own, component, origin in (fields for fields in found if len(fields) == 4)
            for suite in suites
            if component == "main" and origin == "Debian" and "-" not in own
        }
    )


def _apt_settings() -> list[str]:
    """How this machine reaches its packages: proxies, and whether it checks dates."""
    wanted = re.compile(r"Acquire::(https?::|Check-)\S+ .+;")
    return [line for line in _printed("apt-config", "dump").splitlines() if wanted.fullmatch(line)]


def _pip_settings() -> dict[str, str]:
    """Where this machine's packages of Python come from, in pip's words."""
    lines = _printed(sys.executable, "-m", "pip", "config", "list").splitlines()
    found = dict(line.partition(".")[2].split("=", 1) for line in lines if line)
    return {key: found[key].strip("'") for key in _PIP_KEYS if key in found}


def _pip_file(settings: Mapping[str, str]) -> str:
    lines = [f"{key} = {value}" for key, value in settings.items()]
    return "\n".join(["[global]", f"cert = {_CERTIFICATES}", "timeout = 180", *lines, ""])


def _uv_file(settings: Mapping[str, str]) -> str:
    values: dict[str, object] = {"system-certs": True}
    if "index-url" in settings:
        values["index-url"] = settings["index-url"]
    if "extra-index-url" in settings:
        values["extra-index-url"] = settings["extra-index-url"].split()
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
