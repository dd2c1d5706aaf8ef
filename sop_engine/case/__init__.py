"""What may happen to a case: commands in, events or a refusal out. Pure: no clock, no database, no request."""
