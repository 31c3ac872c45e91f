"""The zip: small, the same bytes from the same inputs, and enough on its own."""

import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.streaming.lambda_package import LambdaPlatform, PackageError, build_zip
from tests.bundles import batch, booster, bundle, ride_event

SOURCE = Path(__file__).parents[2] / "lambda"
STACKS = LambdaPlatform(architecture="arm64", python_version="3.13")
BARE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import s3, store
objects = {}
class Bucket:
    def get(self, key, *, etag=""):
        with open(sys.argv[2] + "/" + key.replace("/", "!"), "rb") as file:
            return store.Object(file.read(), "1")
    def put(self, key, body):
        objects[key] = body
s3.Bucket.from_environment = classmethod(lambda cls, environ: Bucket())
import handler
class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = ""
answer = handler.handler(json.load(sys.stdin), Context())
loaded = sorted(m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None))
print(json.dumps({"answer": answer, "keys": list(objects), "loaded": loaded}))
"""


@pytest.fixture(scope="session")
def package() -> Path:
    """The zip for this machine."""
    return build_zip(LambdaPlatform.local())


@pytest.mark.parametrize("platform", [LambdaPlatform.local(), STACKS])
def test_the_zip_is_small_enough_to_upload_directly(platform: LambdaPlatform) -> None:
    built = build_zip(platform)
    with zipfile.ZipFile(built) as archive:
        assert built.stat().st_size <= 7e6
        assert sum(entry.file_size for entry in archive.infolist()) <= 20e6


@pytest.mark.parametrize("platform", [LambdaPlatform.local(), STACKS])
def test_the_same_inputs_give_the_same_bytes(platform: LambdaPlatform, tmp_path: Path) -> None:
    first, second = (build_zip(platform, cache=tmp_path / name) for name in ("a", "b"))
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_the_bytes_do_not_depend_on_zlib(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines have different ones: Fedora's Python is built with zlib-ng, whose output is another."""
    monkeypatch.setattr(zlib, "compressobj", lambda *_args: pytest.fail("zlib compressed something"))
    monkeypatch.setattr(zlib, "compress", lambda *_args: pytest.fail("zlib compressed something"))
    built = build_zip(LambdaPlatform.local(), cache=tmp_path)
    assert built.read_bytes() == package.read_bytes()


def test_headers_before_the_files_agree_with_the_directory(package: Path) -> None:
    """Who unpacks a zip as it comes in reads those alone: APPNOTE.TXT 4.3.7."""
    content = package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            header = struct.unpack_from("<4s5H3L2H", content, entry.header_offset)
            assert header[0] == b"PK\3\4"
            assert header[3] == zipfile.ZIP_DEFLATED
            assert header[6:9] == (entry.CRC, entry.compress_size, entry.file_size)


def test_a_changed_module_or_platform_gives_another_zip(tmp_path: Path) -> None:
    source = tmp_path / "lambda"
    source.mkdir()
    for file in (SOURCE / "requirements.txt", SOURCE / "handler.py"):
        (source / file.name).write_bytes(file.read_bytes())
    names = {build_zip(LambdaPlatform.local(), source=source, cache=tmp_path).name}
    (source / "handler.py").write_text("# changed\n")
    names.add(build_zip(LambdaPlatform.local(), source=source, cache=tmp_path).name)
    assert len(names) == 2


def test_a_warm_cache_runs_nothing(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: pytest.fail("ran"))
    assert build_zip(LambdaPlatform.local()) == package


def test_builders_at_the_same_time_give_one_whole_zip(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        built = set(pool.map(lambda _: build_zip(LambdaPlatform.local(), cache=tmp_path), range(3)))
    assert len(built) == 1
    assert zipfile.ZipFile(built.pop()).testzip() is None
    assert len(list(tmp_path.iterdir())) == 1, "nothing of the work is left"


def test_wheels_that_cannot_be_had_are_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    source = tmp_path / "lambda"
    source.mkdir()
    (source / "requirements.txt").write_text("xgboost-cpu==0.0.1\n")
    with pytest.raises(PackageError, match=r"requirements.txt: the wheels for .* cannot be had"):
        build_zip(LambdaPlatform.local(), source=source, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_wheels_without_hashes_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "lambda"
    source.mkdir()
    (source / "requirements.txt").write_text("orjson==3.13.0\nxgboost-cpu==3.2.0\n")
    with pytest.raises(PackageError, match="all requirements must have a hash"):
        build_zip(LambdaPlatform.local(), source=source, cache=tmp_path / "cache")


def test_zip_needs_the_standard_library_alone(package: Path, tmp_path: Path) -> None:
    task, store = tmp_path / "task", tmp_path / "store"
    store.mkdir()
    zipfile.ZipFile(package).extractall(task)
    for key, body in bundle(booster(), "1").items():
        (store / key.replace("/", "!")).write_bytes(body)
    environment = {
        "MODEL_NAME": "ride_duration_prediction_model",
        "MODEL_ALIAS": "champion",
        "MODEL_CHECK_SECONDS": "60",
        "PATH": os.defpath,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", BARE, str(task), str(store)],
        input=json.dumps(batch([ride_event()])),
        capture_output=True,
        text=True,
        env=environment,
        cwd=task,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["answer"] == {"batchItemFailures": []}
    assert [key.split("/")[0] for key in answer["keys"]] == ["predictions"]
    assert not [file for file in answer["loaded"] if "site-packages" in file]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_bytes_follow_neither_machine_nor_time(umask: int, tmp_path: Path) -> None:
    """Whoever runs `pulumi up` next must not replace the function's code by the same code."""
    source = tmp_path / f"elsewhere-{umask}" / "lambda"
    source.mkdir(parents=True)
    for file in (SOURCE / "requirements.txt", *SOURCE.glob("*.py")):
        copy = source / file.name
        copy.write_bytes(file.read_bytes())
        copy.chmod(0o666 & ~umask)
        os.utime(copy, (0, 0))
    # Another process, with other settings that reach what Python, its hashes and its dates do.
    environment = {**os.environ, "PYTHONHASHSEED": str(umask), "TZ": "Asia/Kathmandu", "PYTHONOPTIMIZE": "1"}
    script = (
        "import os, sys; from pathlib import Path;"
        "from components.streaming.lambda_package import LambdaPlatform, build_zip;"
        f"os.umask({umask});"
        "stacks = LambdaPlatform(architecture='arm64', python_version='3.13');"
        "print(build_zip(stacks, source=Path(sys.argv[1]), cache=Path(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(source), str(tmp_path / "cache")],
        cwd=SOURCE.parent, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()).read_bytes() == build_zip(STACKS).read_bytes()


def test_the_zip_holds_nothing_compiled_here(package: Path) -> None:
    """Bytecode fits one version of Python, which this machine may have or not."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        stamps = {entry.date_time for entry in archive.infolist()}
    assert {Path(name).suffix for name in names} <= {".py", ".so", ".0"}, names
    assert stamps == {(1980, 1, 1, 0, 0, 0)}
