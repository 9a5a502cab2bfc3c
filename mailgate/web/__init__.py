"""The web room: the requester's page, sign-in, the links that stand in mail, health and metrics over HTTP.

Takes a configuration, a store and the daemon's numbers; gives a `WebServer`. Promises: nothing that was only read
(GET, HEAD) changes anything; nobody sees a ticket that mail would not have told them of; aiohttp is loaded only when
the server starts.
"""

from mailgate.web.server import WebServer

__all__ = ["WebServer"]
