"""Who may do what: one module for each use case; each call is one transaction."""
