"""The only reader of the stack's config: one frozen `Settings`, or one message with every problem."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast, get_type_hints

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from components.audit.settings import AuditSettings
from components.automl.settings import AutomlSettings
from components.budget.settings import BudgetSettings
from components.common.names import name_problems
from components.common.settings import MonitoringSettings
from components.config.aws_keys import provider_options
from components.config.keys import Key, Section, keys
from components.config.reading import decoded, read
from components.config.tiers import BY_TIER, DEFAULT_TIER, TIERS, Tier
from components.monitoring.settings import AlarmSettings
from components.network.settings import NetworkSettings
from components.orchestration.compose.settings import ComposeSettings
from components.orchestration.fargate.endpoints import required_endpoints
from components.orchestration.fargate.settings import FargateSettings
from components.orchestration.settings import OrchestrationSettings
from components.schedule.settings import ScheduleSettings
from components.serving.settings import ServingSettings
from components.storage.settings import StorageSettings
from components.streaming.settings import StreamingSettings
from components.workstation.settings import WorkstationSettings


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used; the message lists every problem, a line each."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a stack's config decides, validated."""

    tier: Tier
    aws: Mapping[str, Any]
    network: NetworkSettings
    storage: StorageSettings
    streaming: StreamingSettings
    orchestration: OrchestrationSettings
    compose: ComposeSettings
    fargate: FargateSettings
    schedule: ScheduleSettings
    monitoring: MonitoringSettings
    budget: BudgetSettings
    automl: AutomlSettings
    alarms: AlarmSettings
    audit: AuditSettings
    workstation: WorkstationSettings
    serving: ServingSettings

    @classmethod
    def load(cls) -> "Settings":
        """Reads the running program's config, fills the tier's presets in, and validates it.

        Raises:
            SettingsError: with every problem found, before any resource exists.
        """
        config = {**get_config_env(), **CONFIG.get()}
        secrets = {key for key in config if is_config_secret(key)}
        project = pulumi.get_project()
        return cls.from_config(
            _namespace(config, project),
            aws=_namespace(config, "aws"),
            secrets=_namespace(dict.fromkeys(secrets, ""), project).keys(),
            aws_secrets=_namespace(dict.fromkeys(secrets, ""), "aws").keys(),
            other_keys=[key for key in config if key.partition(":")[0] not in (project, "aws")],
        )

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, str],
        *,
        aws: Mapping[str, str] | None = None,
        secrets: Container[str] = (),
        aws_secrets: Container[str] = (),
        other_keys: Iterable[str] = (),
    ) -> "Settings":
        """Validates `config`: keys without their namespace to values as Pulumi has them (text or JSON).

        No message shows the value of a key in `secrets`; the keys in `aws_secrets` become secret Outputs;
        `other_keys` are the stack's keys of further namespaces, which are refused where they name a setting.

        Raises:
            SettingsError: with every problem found.
        """
        options, problems = provider_options(aws or {}, aws_secrets)
        problems += [*name_problems(), *_keys_of_other_projects(other_keys)]
        problems += [*_tier_problems(config), *_unknown_keys(config)]
        chosen = {key: decoded(value) for key, value in config.items() if not _left_to_tier(key, value)}
        presets = tier_values(config.get("tier", DEFAULT_TIER))
        sections: dict[str, Any] = {}
        for name, section in _SECTIONS.items():
            sections[name], found = read(section, chosen, presets, secrets)
            problems += found
        _refuse(problems)
        settings = cls(tier=cast(Tier, config.get("tier", DEFAULT_TIER)), aws=options, **sections)
        _refuse(settings.problems())
        return settings

    def problems(self) -> Iterator[str]:
        """What does not fit together between sections, a sentence a problem."""
        if self.monitoring.challenger_first and not self.streaming.challenger_alias:
            yield (
                "challengerFirst: got true without challengerAlias, under which a version is scored first; "
                "set challengerAlias, such as challenger"
            )
        replica = self.workstation.workstation_replica_region
        if replica and replica == self.aws.get("region"):
            yield (
                f"workstationReplicaRegion: got {replica!r}, which is aws:region too; name another region, "
                "or remove it"
            )
        if self.serving.serving and self.orchestration.orchestration_variant == "compose":
            yield (
                "serving: got true with orchestrationVariant 'compose', which has no load balancer; set tier "
                "to standard or production, or orchestrationVariant to fargate, or send rides to the stream"
            )
        network, tasks = self.network, self.fargate
        closed = network.nat == "none" and not network.existing_vpc_id
        if self.workstation.workstation and self.workstation.workstation_workers_max and closed:
            yield (
                f"workstationWorkersMax: got {self.workstation.workstation_workers_max} with nat 'none', and "
                "workers have no public address, so they would reach nothing; set nat to instance, or "
                "workstationWorkersMax to 0"
            )
        if self.orchestration.orchestration_variant == "fargate" and closed:
            needed = required_endpoints(
                ecs_exec=tasks.ecs_exec,
                executor=tasks.airflow_executor,
                starts_state_machine=self.automl.automl_after_training,
            )
            if missing := [name for name in needed if name not in network.interface_endpoints]:
                yield (
                    f"nat: got 'none' without interfaceEndpoints for {', '.join(missing)}, which tasks in "
                    "private subnets need to start and to report; add them to interfaceEndpoints, or set nat "
                    "to instance"
                )


_SECTIONS: dict[str, type[Section]] = {
    name: hint
    for name, hint in get_type_hints(Settings).items()
    if isinstance(hint, type) and issubclass(hint, Section)
}
KEYS: tuple[Key, ...] = tuple(keys(_SECTIONS.values()))


def config_keys() -> set[str]:
    """Every key a stack may set, in camel case and without its namespace."""
    return {"tier"} | {key.name for key in KEYS}


def tier_values(tier: str) -> dict[str, Any]:
    """What `tier` sets, by key; empty when there is no such tier."""
    return {key.name: value for key in KEYS for name, value in key.tiers.items() if name == tier}


def _namespace(config: Mapping[str, str], namespace: str) -> dict[str, str]:
    prefix = f"{namespace}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}


def _tier_problems(config: Mapping[str, str]) -> Iterator[str]:
    tier = config.get("tier", DEFAULT_TIER)
    if tier not in TIERS:
        yield f"tier: got {tier!r}, allowed: {', '.join(TIERS)}"


def _unknown_keys(config: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(config.keys() - config_keys()):
        close = get_close_matches(key, config_keys(), n=1)
        hint = f"did you mean {close[0]}?" if close else "see the config section of Pulumi.yaml"
        yield f"{key}: not a setting; {hint}"


def _keys_of_other_projects(other_keys: Iterable[str]) -> Iterator[str]:
    """Keys that kept the name which the project had before; without them its stack gets the default tier."""
    for key in sorted(other_keys):
        namespace, _, name = key.partition(":")
        if name in config_keys():
            project, file = pulumi.get_project(), f"Pulumi.{pulumi.get_stack()}.yaml"
            yield (
                f"{key}: a setting of project {namespace!r}, and this project is {project!r}; "
                f"in {file} write {name}: without a project's name"
            )


def _left_to_tier(key: str, value: str) -> bool:
    return key == "tier" or (value == BY_TIER and key in tier_values(DEFAULT_TIER))


def _refuse(problems: Iterable[str]) -> None:
    """Raises a `SettingsError` if there are any; a key that two sections read makes one problem."""
    lines = "".join(f"\n  - {problem}" for problem in dict.fromkeys(problems))
    if lines:
        fix = "set a key with `pulumi config set KEY VALUE`, remove one with `pulumi config rm KEY`"
        raise SettingsError(f"the config of stack {pulumi.get_stack()!r} cannot be used:{lines}\n{fix}")
