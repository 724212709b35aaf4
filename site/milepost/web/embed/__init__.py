"""What stands on other sites: the elements' scripts, a campaign's embed, oEmbed."""
