"""Limits that SLURM keeps for a period, and what agents report about them."""
