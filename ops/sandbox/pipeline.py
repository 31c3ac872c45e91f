"""A whole run: services, deployment, training, stream, account."""

import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from components.streaming.lambda_package import LambdaPlatform, build_zip
from ops.engine import Deployment, EngineError, run
from ops.local.environment import downloads, only
from ops.local.errors import LocalRunError
from ops.local.folder import claim, clear, require_free
from ops.local.function import ExecutionEnvironment, runtime_folder, unpack
from ops.local.moto.backend import MotoBackend
from ops.local.moto.clients import Clients
from ops.local.processes import Process
from ops.local.services import ROOT, Children, Service
from ops.local.stages import Stages
from ops.sandbox.deployed import DataPath, counted, data_path
from ops.sandbox.options import Options
from ops.sandbox.place import Place
from ops.sandbox.rides import Replay, trips_of
from ops.sandbox.serving import Serving
from ops.sandbox.streaming import Streamed, Streaming
from ops.sandbox.summary import Summary
from ops.sandbox.workloads import QUIET, Months, Trained, fetch, train
from workloads.data.dataset import GREEN

WORKERS = 6
MADE = ("logs", "mlflow", "moto", "function", "summary.json")  # in the folder of a run, by a run
NEEDED_MIB = 200


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything that the report tells."""

    options: Options
    summary: Summary
    deployment: Deployment
    path: DataPath
    streamed: Streamed
    services: Mapping[str, str]
    kept: list[Process]


class Sandbox:
    """One run; use it as a context, which ends whatever was started."""

    def __init__(self, options: Options, console: Console) -> None:
        self._options = options
        self._console = console
        self._stack = ExitStack()

    def __enter__(self) -> "Sandbox":
        try:
            return self._enter()
        except BaseException:
            self._stack.close()
            raise

    def _enter(self) -> "Sandbox":
        # The children end before the threads that wait for them are joined.
        claim(self._options.output)
        self._pool = self._stack.enter_context(ThreadPoolExecutor(WORKERS))
        self._children = self._stack.enter_context(Children(self._options.output))
        self._stages = self._stack.enter_context(Stages(self._console))
        self._stack.enter_context(only(downloads(os.environ)))
        clear(self._options.output, MADE)
        require_free(self._options.output, NEEDED_MIB)
        return self

    def __exit__(self, *reason: Any) -> None:
        self._stack.__exit__(*reason)

    def run(self) -> Outcome:
        """Runs every stage.

        Raises:
            LocalRunError: a stage failed; the message says where to look.
        """
        moto, moto_up = self._serve("moto", "ops.local.moto.server", "/moto-api/")
        mlflow, mlflow_up = self._serve(
            "mlflow", "ops.sandbox.mlflow_server", "/api/2.0/mlflow/experiments/get?experiment_id=0"
        )
        months = self._pool.submit(self._fetch)
        replay = self._pool.submit(self._replay, months)
        package = self._pool.submit(self._package)
        deployment, clients = self._deploy(moto, moto_up, replay)
        path = data_path(deployment, clients)
        self._upload(months.result(), clients, path.bucket)
        mlflow_up.result()
        trained = self._train(months.result(), clients, path, tracking=mlflow.url)
        streamed = self._stream(
            path, clients, package.result(), replay.result(),
            place=Place(
                children=self._children, options=self._options, deployment=deployment, path=path,
                clients=clients, months=months.result(), mlflow=mlflow.url, moto=moto.url,
            ),
        )  # fmt: skip
        created, planned = counted(deployment)
        summary = _summary(
            self._options, months.result(), trained, streamed, path, self._stages.seconds,
            created=created, planned=planned,
        )  # fmt: skip
        summary.write(self._options.output / "summary.json")
        return Outcome(
            options=self._options,
            summary=summary,
            deployment=deployment,
            path=path,
            streamed=streamed,
            services={"moto": moto.url, "MLflow": mlflow.url},
            kept=self._children.keep() if self._options.keep else [],
        )

    def _serve(self, name: str, module: str, health: str) -> tuple[Service, "Future[None]"]:
        folder = self._options.output / name
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**QUIET, "SERVER_FOLDER": str(folder.resolve())}
        service = self._children.serve(name, module, health=health, environment=environment)

        def wait() -> None:
            with self._stages.stage(name, f"start {name}"):
                self._children.wait(service)

        return service, self._pool.submit(wait)

    def _fetch(self) -> Months:
        with self._stages.stage("data", f"get {', '.join(self._options.months)}"):
            return fetch(self._children, self._options)

    def _package(self) -> Path:
        with self._stages.stage("package", "build the function for this machine"):
            folder = self._options.output / "function"
            runtime_folder(folder / "runtime")
            return unpack(build_zip(LambdaPlatform.local()), folder / "task")

    def _deploy(
        self, moto: Service, up: "Future[None]", replay: "Future[Replay]"
    ) -> tuple[Deployment, Clients]:
        def endpoint() -> str:
            replay.result()  # nothing is deployed for months that cannot be used
            up.result()
            return moto.url

        backend = MotoBackend(endpoint)
        config = {"tier": self._options.tier} if self._options.tier else {}
        with self._stages.stage("deploy", f"deploy stack {self._options.stack}"):
            try:
                deployment = run(
                    ROOT, stack=self._options.stack, config=config, preview=False, backend=backend
                )
            except EngineError as error:
                raise LocalRunError(str(error)) from None
            replay.result()
            up.result()
            if deployment.exit_code:
                raise LocalRunError("\n".join(error.message for error in deployment.errors))
        return deployment, backend.clients

    def _upload(self, months: Months, clients: Clients, bucket: str) -> None:
        with self._stages.stage("upload", f"upload the months to {bucket}"):
            for month, file in months.files.items():
                clients("s3").upload_file(str(file), bucket, GREEN.raw_key(month))

    def _replay(self, months: "Future[Months]") -> Replay:
        month = self._options.stream
        return Replay(trips_of(months.result().files[month], month), month, self._options.events)

    def _train(self, months: Months, clients: Clients, path: DataPath, *, tracking: str) -> Trained:
        options = self._options
        with self._stages.stage(
            "train", f"train on {options.train}, validate on {options.validate}, publish"
        ):
            return train(
                self._children, options, months, clients,
                tracking=tracking, bucket=path.bucket, function=path.function.variables,
            )  # fmt: skip

    def _stream(
        self, path: DataPath, clients: Clients, package: Path, replay: Replay, *, place: Place
    ) -> Streamed:
        streaming = Streaming(path, clients, replay, served=self._options.serve)
        environment = ExecutionEnvironment(
            path.function,
            package=package,
            runtime=package.parent / "runtime",
            aws=clients.environment(),
            log=self._children.log("function"),
        )
        title = f"replay {len(replay):,} rides of {self._options.stream}"
        with self._stages.stage("stream", title), environment as function:
            if self._options.serve:
                Serving(place, streaming, replay, self._stages).run(function, self._pool)
            else:
                streaming.deliver(function, self._pool)
        with self._stages.stage("verify", "account for every ride"):
            return streaming.verify()


def _summary(
    options: Options,
    months: Months,
    trained: Trained,
    streamed: Streamed,
    path: DataPath,
    stages: Mapping[str, float],
    *,
    created: int,
    planned: int,
) -> Summary:
    result = streamed.account
    return Summary(
        data_source=months.source,
        months=list(options.months),
        train_rows=trained.rows,
        train_seconds=trained.seconds,
        valid_rmse=trained.rmse,
        valid_mae=trained.mae,
        linear_valid_rmse=trained.linear_rmse,
        model_version=trained.version,
        events_sent=result.sent,
        predicted=result.predicted,
        rejected=result.rejected,
        dead_lettered=result.dead_lettered,
        lost=result.lost,
        duplicated=result.duplicated,
        rides_per_second=round(result.sent / stages["stream"]) if stages["stream"] else 0,
        resources_created=created,
        resources_planned=planned,
        lambda_zip_mb=round(path.zip_path.stat().st_size / 1e6, 2),
        stages=dict(stages),
    )
