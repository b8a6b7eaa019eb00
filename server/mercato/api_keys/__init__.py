"""Keys with which resources are used, made by agents, kept sealed."""
