"""What the graph cannot know: how much of each service a month's work takes."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from ops.costs.model import CostError

DEFAULTS = Path(__file__).with_name("usage.yaml")
_STRICT = ConfigDict(extra="forbid")
Amount = Annotated[Decimal, Field(ge=0, le=10**12)]
Share = Annotated[Decimal, Field(ge=0, le=1)]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Bucket:
    """What a bucket holds (GB), and the requests a month."""

    gb: Amount
    puts: Amount
    gets: Amount


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Usage:
    """`usage.yaml` says what each figure is; they are for a month unless the name says otherwise."""

    always_free: Share
    rides_per_day: Amount
    ride_bytes: Amount
    batches_per_day: Amount | None
    batch_ms: Amount
    objects_per_batch: Amount
    cold_starts_per_day: Amount
    cold_start_ms: Amount
    other_invocations: Amount
    predictor_metrics: Amount
    worker_task_hours: Amount
    other_task_hours: Amount
    state_transitions: Amount
    workstation_hours: Amount
    workstation_worker_hours: Amount
    buckets: Mapping[str, Bucket]
    images: Mapping[str, Amount]
    logs: Mapping[str, Amount]
    log_compression: Share
    enhanced_monitoring_gb: Amount
    container_insights_metrics: Amount
    email_messages: Amount
    metric_requests: Amount
    efs_gb: Amount
    efs_ia_share: Share
    efs_read_gb: Amount
    efs_write_gb: Amount
    nat_gb: Amount
    endpoint_gb: Amount
    internet_out_gb: Amount
    between_zones_gb: Amount
    balancer_lcus: Amount
    dns_queries: Amount
    rds_backup_gb: Amount
    rds_credit_hours: Amount
    dynamodb_writes: Amount
    dynamodb_reads: Amount
    dynamodb_gb: Amount
    config_items: Amount
    config_checks: Amount
    cpu_percent: Annotated[Decimal, Field(ge=0, le=100)]
    secret_requests: Amount
    kms_requests_per_hour: Amount
    queue_requests: Amount
    snapshot_gb: Amount

    def bucket(self, name: str) -> Bucket:
        """What the bucket of that name holds."""
        return self.buckets[_key(name, self.buckets)]

    def image(self, name: str) -> Decimal:
        """GB in the repository of that name."""
        return self.images[_key(name, self.images)]

    def log(self, name: str) -> Decimal:
        """GB into the log group of that name."""
        return self.logs[_key(name, self.logs)]


def usage(file: Path | None = None) -> Usage:
    """The default usage, with what `file` has instead.

    Raises:
        CostError: the file cannot be read, or holds something else than figures for these keys.
    """
    given = _read(file) if file else {}
    return with_changes(given, str(file))


def with_changes(given: Mapping[str, Any], origin: str) -> Usage:
    """The default usage with `given` instead; a mapping such as `logs` keeps the entries that are not given.

    Raises:
        CostError: a key or a value is not one of usage.yaml's; `origin` says where they come from.
    """
    known = [one.name for one in fields(Usage)]
    for key in given:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; allowed: {', '.join(known)}"
            raise CostError(f"{origin}: got key {key!r}, which ops/costs/usage.yaml does not have{hint}")
    defaults = _read(DEFAULTS)
    merged = {
        key: {**value, **given[key]}
        if isinstance(value, dict) and isinstance(given.get(key), dict)
        else given.get(key, value)
        for key, value in defaults.items()
    }
    try:
        return TypeAdapter(Usage).validate_python(merged)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CostError(f"{origin}: {place}: got {first['input']!r}; {first['msg']}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CostError(f"--usage {file}: cannot be read as YAML: {error}") from None
    if not isinstance(found, dict):
        raise CostError(
            f"--usage {file}: got {type(found).__name__}, allowed: keys as in ops/costs/usage.yaml"
        )
    return found


def _key(name: str, known: Mapping[str, Any]) -> str:
    """The key that comes first in `name`."""
    return min((key for key in known if key in name), key=name.index, default="default")
