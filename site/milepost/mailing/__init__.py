"""What a mail says: gathered for a batch of letters at once, composed in each reader's language."""
