"""What the journal records and the backend receives, entry by entry."""
