"""Whether the oracle and the properties would notice if the rules of a case were broken."""
