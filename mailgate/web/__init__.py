"""The web room: the requester's page, health and metrics over HTTP."""
