"""From where the people of an organization come, and what they may reach from there."""
