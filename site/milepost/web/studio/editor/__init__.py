"""The editor of a campaign: its parts, each a form that is kept as it is typed."""
