"""The named stories of the demonstration, told by commands as they would happen; they know no rule of a procedure."""
