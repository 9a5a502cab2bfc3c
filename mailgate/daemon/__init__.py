"""The daemon: builds the house from the configuration, starts, reloads and stops it."""
