"""What holds for every test."""

from hypothesis import HealthCheck, settings

# The same examples in every run: a failure is somebody's change. How long an example takes is not the point.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")
