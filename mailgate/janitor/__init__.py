"""The janitor: what happens by time alone, such as retention, sweeps and watched limits."""
