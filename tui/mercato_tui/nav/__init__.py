"""How people move: destinations, history, palette, command line."""
