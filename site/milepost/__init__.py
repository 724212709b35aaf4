"""Milepost: self-hosted crowdfunding microsites whose milestones also serve the shop."""

from importlib.metadata import version

__version__ = version("milepost")
