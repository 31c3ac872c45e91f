"""This project's monitoring beside NannyML's, on the same simulated days."""
