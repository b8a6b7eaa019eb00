"""Decisions and small questions on top of a screen."""
