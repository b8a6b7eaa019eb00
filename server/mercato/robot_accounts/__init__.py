"""Accounts of programs at a resource: who stands behind them and with which keys they come (contract §4.6)."""
