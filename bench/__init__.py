"""Figures beside peers, measured in one run on one machine: `python -m bench [SUITE...]`."""
