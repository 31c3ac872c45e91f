"""The platform in real containers: the project's images, compose file and task definitions, and faults."""
