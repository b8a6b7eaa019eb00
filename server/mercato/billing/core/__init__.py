"""What a resource costs: pure functions from a resource's history to invoice lines. See README.md beside."""
