"""The predictor's zip, built without Docker: `lambda/` and what it needs of its wheels for the platform.

No bytecode: only a Python of the function's own version could compile it, so that the bytes would follow what
is installed where the zip is made. It would save 10 ms of a cold start. For the same reason the compressor is
that of a pinned package: zlib's output is another one where Python was built with zlib-ng.
"""

import hashlib
import platform as machine
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import deflate

from components.common.paths import LAMBDA, ROOT

# XGBoost's wheels are built for glibc 2.28, which Lambda's runtimes on Amazon Linux 2023 have.
_WHEELS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
_MACHINES: dict[str, Literal["arm64", "x86_64"]] = {
    "aarch64": "arm64",
    "arm64": "arm64",
    "x86_64": "x86_64",
    "AMD64": "x86_64",
}
# What of the wheels is loaded: the library at the place where its own search path finds libgomp.
_WANTED = ("orjson/*.py", "orjson/*.so", "xgboost/lib/libxgboost.so", "xgboost_cpu.libs/libgomp*")
_LEVEL = 9  # of 12; those above take ten times as long for two hundredths of the bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name


class PackageError(Exception):
    """The package cannot be built; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class LambdaPlatform:
    """What a function runs on: its architecture and Python, as Lambda names them."""

    architecture: Literal["arm64", "x86_64"]
    python_version: str

    @classmethod
    def local(cls) -> "LambdaPlatform":
        """This machine and this Python, for a package that is run here."""
        if machine.machine() not in _MACHINES or sys.platform != "linux":
            raise PackageError(
                f"the package runs on Linux on arm64 or x86_64, this is {sys.platform} on {machine.machine()}"
            )
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(architecture=_MACHINES[machine.machine()], python_version=version)


def build_zip(
    platform: LambdaPlatform, *, source: Path = LAMBDA, cache: Path = ROOT / "build" / "lambda"
) -> Path:
    """The zip of `source` for `platform`; the same inputs give the same bytes on every machine.

    Args:
        platform: What the function runs on.
        source: The folder with the modules and their requirements.txt.
        cache: Where zips are kept, by a hash of everything that goes into them. A zip that is there
            already is returned as it is, without a network.

    Raises:
        PackageError: a wheel cannot be had.
    """
    modules = sorted(source.glob("*.py"))
    digest = hashlib.sha256(f"{platform}".encode())
    for file in (Path(__file__), source / "requirements.txt", *modules):
        digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
    name = f"{platform.architecture}-{platform.python_version}-{digest.hexdigest()[:16]}.zip"
    if (cache / name).exists():
        return cache / name
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        wheels, stage = Path(work, "wheels"), Path(work, "stage")
        _install(source / "requirements.txt", platform, wheels)
        _collect(modules, wheels, stage)
        _write(stage, Path(work, name))
        Path(work, name).replace(cache / name)  # whole or not at all, whoever else builds it
    return cache / name


def _install(requirements: Path, platform: LambdaPlatform, target: Path) -> None:
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--target", str(target), "--requirements", str(requirements)),
        *("--python-platform", _WHEELS[platform.architecture], "--python-version", platform.python_version),
    ]
    # uv's cache first: pinned wheels that were fetched once need no network again.
    if subprocess.run([*command, "--offline"], capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(target, ignore_errors=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageError(
            f"{requirements}: the wheels for {platform.architecture} and Python {platform.python_version} "
            f"cannot be had; check the network or the package index and run again:\n{done.stderr.strip()}"
        )


def _collect(modules: list[Path], wheels: Path, stage: Path) -> None:
    stage.mkdir()
    for module in modules:
        shutil.copyfile(module, stage / module.name)
    for pattern in _WANTED:
        found = sorted(wheels.glob(pattern))
        if not found:
            raise PackageError(f"the wheels of lambda/requirements.txt hold no {pattern}; pin other versions")
        for file in found:
            place = stage / file.relative_to(wheels)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def _files(stage: Path) -> Iterator[Path]:
    return (path for path in sorted(stage.rglob("*")) if path.is_file())


def _write(stage: Path, target: Path) -> None:
    """Writes the zip; `zipfile` has no way to bring a compressor, so it stores what is compressed already."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in _files(stage):
            content = file.read_bytes()
            entry = zipfile.ZipInfo(file.relative_to(stage).as_posix(), _EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = (0o755 if ".so" in file.name else 0o644) << 16
            archive.writestr(entry, bytes(deflate.deflate_compress(content, _LEVEL)))
            # What the directory at the zip's end is to say of it ...
            entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(content)
            entry.CRC = zlib.crc32(content)
    with target.open("r+b") as written:  # ... and the header before each file's bytes
        for entry in archive.infolist():
            written.seek(entry.header_offset)
            written.write(entry.FileHeader())
