"""Agents that work at providers' sites."""
