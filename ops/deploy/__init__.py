"""What a person does with a deployed stack: `python -m ops deploy --help`."""
