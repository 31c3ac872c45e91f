"""Trainings that outgrow a process' memory: on disk, or on several machines."""
