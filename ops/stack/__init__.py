"""Commands on a deployed stack: `python -m ops stack --help`."""
