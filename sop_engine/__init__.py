"""An engine for standard operating procedures: who is accountable now, for what, until when, who is next."""

__version__ = "0.1.0"
