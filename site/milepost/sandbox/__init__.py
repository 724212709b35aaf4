"""A local Stripe, for the demo and the tests: real HTTP, real events, no money.

It is started as a process of its own (`python -m milepost.sandbox --help`) and imported by nobody.
"""
