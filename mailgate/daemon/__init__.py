"""The daemon: builds the house from the configuration, starts it, reloads it, stops it.

Nothing is imported here: commands that only ask for the lock or the health must not pay for the whole house.
"""
