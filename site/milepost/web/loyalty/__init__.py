"""What pages of loyalty share: a program as a trail."""
