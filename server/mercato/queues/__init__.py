"""Queues of live events, and what is put into them."""
