"""What the sandbox and the rehearsals share: servers and commands as processes, stages, errors."""
