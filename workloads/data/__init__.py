"""TLC's green taxi trips: where a month comes from, what its file must hold, which rides count."""
