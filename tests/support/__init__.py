"""What tests stand on: a browser, a database, cases that are built in a few lines."""
