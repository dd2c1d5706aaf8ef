"""Invented cases for demonstration and tests, made by sending commands through the engine under a set clock."""
