"""Intake: turns spooled messages into tickets and events, one transaction each."""
