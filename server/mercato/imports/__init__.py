"""What runs at backends without being known here, and how it becomes resources."""
