"""AWS on this machine: moto as a server, its clients, and a backend that makes a stack's resources in it."""
