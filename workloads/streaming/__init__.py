"""Ride events: sent to the stream, and looked for where they have to end."""
