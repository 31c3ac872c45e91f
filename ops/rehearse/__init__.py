"""The orchestration instance's compose file run without Docker: the same commands as local processes."""
