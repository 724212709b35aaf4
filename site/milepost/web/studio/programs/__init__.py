"""Reward programs in the studio: Milestones, customers' accounts, settings (S1, S2, S10–S21)."""
