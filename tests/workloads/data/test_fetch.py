"""Where months come from, and what happens when they do not."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
import stamina

from tests.workloads.conftest import Connect
from workloads.data import synthetic, tlc
from workloads.data.atomic import atomic_write
from workloads.data.dataset import GREEN
from workloads.data.fetch import Months, copy_into, fetch
from workloads.data.months import DataError, file_name


@pytest.fixture
def body(tmp_path: Path) -> bytes:
    """What TLC sends for a month."""
    return synthetic.generate(tmp_path / "body", "2023-01").read_bytes()


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Retries that do not wait."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def site(*answers: httpx.Response | Exception) -> tuple[Connect, list[httpx.Request]]:
    """TLC's site: it answers HEAD, and GET by a script."""
    script, asked = list(answers), []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(200)
        asked.append(request)
        found = script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return lambda: httpx.Client(transport=httpx.MockTransport(answer)), asked


def find(connect: Connect, cache: Path, *months: str, **environ: str) -> Months:
    """Fetches with a cache of the test's own; synthetic months are allowed."""
    environ = {"MLOPS_CACHE_DIR": str(cache), **environ}
    return fetch(months, data=None, environ=environ, allow_synthetic=True, connect=connect)


def test_downloads_once(tmp_path: Path, body: bytes) -> None:
    client, asked = site(httpx.Response(200, content=body))
    first = find(client, tmp_path, "2023-01")
    assert first.files["2023-01"].read_bytes() == body
    assert find(client, tmp_path, "2023-01") == first
    assert [str(request.url) for request in asked] == [GREEN.url("2023-01")]


def test_downloads_again_what_is_damaged_in_the_cache(tmp_path: Path, body: bytes) -> None:
    client, asked = site(httpx.Response(200, content=body), httpx.Response(200, content=body))
    path = find(client, tmp_path, "2023-01").files["2023-01"]
    path.write_bytes(body[:-100])
    assert find(client, tmp_path, "2023-01").files["2023-01"].read_bytes() == body
    assert len(asked) == 2


@pytest.mark.parametrize("trouble", [httpx.Response(503), httpx.Response(429), httpx.ReadError("reset")])
def test_retries_transient_errors(tmp_path: Path, body: bytes, trouble: httpx.Response | Exception) -> None:
    client, asked = site(trouble, httpx.Response(200, content=body))
    assert find(client, tmp_path, "2023-01").files["2023-01"].read_bytes() == body
    assert len(asked) == 2


def test_incomplete_download_leaves_no_file(tmp_path: Path, body: bytes) -> None:
    short = httpx.Response(200, content=body[:999], headers={"Content-Length": str(len(body))})
    client, _ = site(short, short, short)
    with pytest.raises(DataError, match="does not answer"):
        find(client, tmp_path, "2023-01")
    assert not list((tmp_path / "tlc").iterdir())


def test_month_that_tlc_does_not_have(tmp_path: Path) -> None:
    client, _ = site(httpx.Response(403))
    with pytest.raises(DataError, match="answered 403; TLC publishes a month about two months later"):
        find(client, tmp_path, "2030-01")


def test_refuses_what_is_not_parquet(tmp_path: Path) -> None:
    client, _ = site(httpx.Response(200, content=b"<html>"))
    with pytest.raises(DataError, match="is not a parquet file"):
        find(client, tmp_path, "2023-01")


def test_synthetic_without_a_network(tmp_path: Path, offline: Connect, body: bytes) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / file_name("2023-01")).write_bytes(body)
    found = find(offline, tmp_path, "2023-01", "2023-02", MLOPS_DATA_DIR=str(folder))
    assert found.source == "synthetic"
    assert {path.parent.name for path in found.files.values()} == {"synthetic"}, "never some of each"


def test_synthetic_behind_a_proxy_that_refuses(tmp_path: Path) -> None:
    refuse = httpx.MockTransport(lambda _: httpx.Response(403, text="blocked by policy"))
    assert find(lambda: httpx.Client(transport=refuse), tmp_path, "2023-01").source == "synthetic"


def test_unusable_proxy_matters_only_to_a_download(
    tmp_path: Path, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:1")
    with pytest.raises(DataError, match=r"ALL_PROXY, HTTPS_PROXY: .*nonsense"):
        find(tlc.connect, tmp_path, "2023-01")
    (tmp_path / file_name("2023-01")).write_bytes(body)
    assert find(tlc.connect, tmp_path, "2023-01", MLOPS_DATA_DIR=str(tmp_path)).files


def test_hanging_resolver_is_not_waited_for(tmp_path: Path) -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        time.sleep(30)
        raise httpx.ConnectError("at last", request=request)

    started = time.monotonic()
    find(lambda: httpx.Client(transport=httpx.MockTransport(hang)), tmp_path, "2023-01")
    assert time.monotonic() - started < 10


def test_folder_must_hold_the_month(tmp_path: Path, offline: Connect) -> None:
    with pytest.raises(DataError, match=r"--data: .*green_tripdata_2023-01.parquet does not exist"):
        fetch(["2023-01"], data=tmp_path, environ={}, allow_synthetic=True, connect=offline)


def test_damaged_file_is_named(tmp_path: Path, offline: Connect, body: bytes) -> None:
    (tmp_path / file_name("2023-01")).write_bytes(body[:70_000])
    with pytest.raises(DataError, match=r"green_tripdata_2023-01.parquet: is not a complete parquet file"):
        fetch(["2023-01"], data=tmp_path, environ={}, allow_synthetic=True, connect=offline)


def test_refuses_synthetic_months_unasked(tmp_path: Path, offline: Connect, body: bytes) -> None:
    environ = {"MLOPS_CACHE_DIR": str(tmp_path)}
    with pytest.raises(DataError, match=r"2023-01: not in MLOPS_DATA_DIR or the cache.*--allow-synthetic"):
        fetch(["2023-01"], data=None, environ=environ, allow_synthetic=False, connect=offline)
    assert not list(tmp_path.glob("synthetic/*"))
    with pytest.raises(DataError, match=r"2023-01.parquet: synthetic trips; .*--allow-synthetic"):
        fetch(["2023-01"], data=tmp_path / "body", environ={}, allow_synthetic=False, connect=offline)


def test_synthetic_month_in_a_folder(tmp_path: Path, offline: Connect) -> None:
    synthetic.generate(tmp_path, "2023-01")
    assert (
        fetch(["2023-01"], data=tmp_path, environ={}, allow_synthetic=True, connect=offline).source
        == "synthetic"
    )


def test_refuses_a_mix_of_sources(tmp_path: Path, offline: Connect) -> None:
    path = synthetic.generate(tmp_path, "2023-01")
    other = tmp_path / file_name("2023-02")
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), other)
    with pytest.raises(
        DataError, match=r"green_tripdata_2023-01.parquet: synthetic, where other months are TLC's"
    ):
        fetch(["2023-01", "2023-02"], data=tmp_path, environ={}, allow_synthetic=True, connect=offline)


def test_cache_that_cannot_be_written(tmp_path: Path, offline: Connect) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"MLOPS_CACHE_DIR: .*file.* cannot be written"):
        find(offline, tmp_path / "file", "2023-01")


def test_concurrent_writes(tmp_path: Path) -> None:
    path = tmp_path / "month"
    with atomic_write(path) as first:
        first.write_text("one")
        with atomic_write(path) as other:
            other.write_text("other")
        assert path.read_text() == "other"
    assert path.read_text() == "one"


def test_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "month"
    path.write_text("old")

    def interrupted() -> None:
        with atomic_write(path) as part:
            part.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("month", "old")]


@pytest.mark.parametrize("wrong", ["2023-13", "2023", "2016-06", "january", ""])
def test_refuses_invalid_months(tmp_path: Path, offline: Connect, wrong: str) -> None:
    with pytest.raises(DataError, match="allowed: YYYY-MM from 2016-07 on"):
        find(offline, tmp_path, "2023-01", wrong)
    assert not list(tmp_path.iterdir())


def test_synthetic_months_are_deterministic(tmp_path: Path) -> None:
    tables = [pq.read_table(synthetic.generate(tmp_path / name, "2023-02")) for name in ("a", "b")]
    assert tables[0].equals(tables[1])
    assert tables[0].num_rows == synthetic.ROWS


def test_copies_months_into_a_folder(tmp_path: Path) -> None:
    path = synthetic.generate(tmp_path / "a", "2023-02")
    into = tmp_path / "into"
    for _ in range(2):
        found = copy_into(Months(source="synthetic", files={"2023-02": path}), into)
    assert found.files["2023-02"].read_bytes() == path.read_bytes()


def test_folder_that_cannot_be_written(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "body" / file_name("2023-01")
    with pytest.raises(DataError, match=r"--into: .* cannot be written"):
        copy_into(Months(source="synthetic", files={"2023-01": path}), path)
