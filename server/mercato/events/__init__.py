"""The log of what happened, as people may read it."""
