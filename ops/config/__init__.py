"""Every config key of the program: what it does, its default, and what each tier makes of it."""
