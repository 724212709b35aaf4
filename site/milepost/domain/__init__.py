"""The rules, pure: no clock, no database, no framework. Time comes in as an argument."""
