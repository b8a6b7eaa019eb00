"""One module per destination. Nothing here is imported before it is visited."""
