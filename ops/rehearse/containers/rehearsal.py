"""A whole rehearsal in containers: tiers side by side, built, brought up, used, hurt, and compared."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from ops.local.services import Children
from ops.local.stages import Stages
from ops.rehearse.arguments import env_files, no_secrets_in_arguments, secret_values
from ops.rehearse.containers import bases, images
from ops.rehearse.containers.account import fetch_months
from ops.rehearse.containers.docker import Engine, network
from ops.rehearse.containers.faults import crash
from ops.rehearse.containers.project import remove
from ops.rehearse.containers.side_by_side import side_by_side
from ops.rehearse.containers.tier import Outcome, Tier


def build_images(output: Path, console: Console) -> None:
    """Builds the images alone: a rehearsal after this finds them.

    Raises:
        LocalRunError: something is not installed, or an image cannot be built.
    """
    with (
        Stages(console) as stages,
        Children(output) as children,
        _running(Engine(children)) as engine,
        stages.stage("images", "build the images"),
    ):
        images.build(engine)


def rehearse(names: Sequence[str], output: Path, console: Console) -> list[Outcome]:
    """Runs what the tiers' instances or tasks run in containers, uses it, hurts it, and takes it down.

    Raises:
        LocalRunError: something is not installed, did not come up, or was lost.
    """
    with ExitStack() as held:
        stages = held.enter_context(Stages(console))
        children = held.enter_context(Children(output))
        engine = held.enter_context(_running(Engine(children)))
        months = fetch_months(children, output / "data")
        with stages.stage("images", "build the images"):
            stand_ins = images.build(engine)
        gateway = held.enter_context(network(engine.docker, "rehearsal"))
        tiers = [
            Tier(name, engine, children, output / name, f"127.0.0.{number}")
            for number, name in enumerate(names, 1)
        ]
        steps = _Steps(stages, tiers)
        steps(_Step("deploy", "deploy to a stand-in of AWS", lambda tier: tier.deploy(gateway, months)))
        public = {image for tier in tiers for image in tier.project.public_images}
        stand_ins += bases.provide(engine, public)
        secrets = [values for tier in tiers for values in env_files(tier.laid.secrets)]
        held.enter_context(no_secrets_in_arguments(secret_values(secrets)))
        _use_and_hurt(steps, engine)
    for tier in tiers:
        tier.outcome.stand_ins = stand_ins
    return [tier.outcome for tier in tiers]


@dataclass(frozen=True)
class _Step:
    name: str
    what: str
    do: Callable[[Tier], None]


class _Steps:
    """Does steps of every tier at once, and keeps how long each took each of them."""

    def __init__(self, stages: Stages, tiers: Sequence[Tier]) -> None:
        self.tiers = tiers
        self._stages = stages

    def __call__(self, *steps: _Step) -> None:
        side_by_side({tier.name: partial(self._do, tier, steps) for tier in self.tiers})

    def _do(self, tier: Tier, steps: Sequence[_Step]) -> None:
        for step in steps:
            with self._stages.stage(f"{tier.name} {step.name}", f"{tier.name}: {step.what}"):
                step.do(tier)
            tier.outcome.others[step.name] = self._stages.seconds[f"{tier.name} {step.name}"]


def _use_and_hurt(steps: _Steps, engine: Engine) -> None:
    steps(  # no tier waits for another: while one loses its database, the next has the processor
        _Step("up", "bring all containers up", Tier.up),
        _Step("visit", "log in, run both DAGs, keep an artifact", Tier.use),
        _Step("kill", "kill each container", Tier.kill),
        _Step("database", "lose the database for half a minute", Tier.lose_database),
    )
    if engine.own:
        back = crash(engine, [tier.project for tier in steps.tiers])
        for tier in steps.tiers:
            tier.outcome.others["engine back"] = back
    steps(_Step("after", "run a DAG again, and compare with before", Tier.compare))


@contextmanager
def _running(engine: Engine) -> Iterator[Engine]:
    def clear() -> None:
        engine.start()  # an interrupt may have come while it was down
        remove(engine.docker)

    with ExitStack() as held:
        held.callback(engine.stop)
        held.callback(clear)
        clear()  # of what a rehearsal left that was killed
        yield engine
