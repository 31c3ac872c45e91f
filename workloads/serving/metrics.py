"""What the service counts, in Prometheus' text format.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from bisect import bisect_left
from collections import Counter

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5)


class Metrics:
    """Counts of one process since it started."""

    def __init__(self) -> None:
        self.rides = 0
        self.refresh_failures = 0
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._seconds = 0.0

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts a request that was answered."""
        self._requests[path, status] += 1
        self._buckets[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds

    def text(self, model: str, version: str) -> str:
        """All of it; `version` is empty while no model is served."""
        lines = ["# TYPE http_requests_total counter"]
        for (path, status), count in sorted(self._requests.items()):
            lines.append(f'http_requests_total{{path="{path}",status="{status}"}} {count}')
        lines.append("# TYPE http_request_duration_seconds histogram")
        total = 0
        for limit, count in zip((*map(str, _SECONDS), "+Inf"), self._buckets, strict=True):
            total += count
            lines.append(f'http_request_duration_seconds_bucket{{le="{limit}"}} {total}')
        lines += [
            f"http_request_duration_seconds_sum {self._seconds:.6f}",
            f"http_request_duration_seconds_count {total}",
            "# TYPE predicted_rides_total counter",
            f"predicted_rides_total {self.rides}",
            "# TYPE model_refresh_failures_total counter",
            f"model_refresh_failures_total {self.refresh_failures}",
            "# TYPE model_info gauge",
            f'model_info{{name="{model}",version="{version}"}} {int(bool(version))}',
        ]
        return "\n".join(lines) + "\n"
