"""What is remembered: journal, vault, keys, projections. Knows how, not who may; asked only by services."""
