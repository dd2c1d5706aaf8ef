"""Each figure as a command: a ratio against a reference measured in the same run."""
