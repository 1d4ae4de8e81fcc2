"""Google's client on our network: httplib2, for the calendar and for refreshing tokens.

Left alone, httplib2 trusts only its own list of authorities, and ignores proxies unless PySocks is installed.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httplib2

from bot.network import Network


class Http(httplib2.Http):
    """httplib2, but over connections that are opened as :mod:`bot.network` says."""

    def __init__(self, network: Network, timeout: float) -> None:
        super().__init__(timeout=timeout, proxy_info=None)
        self._network, self._seconds = network, timeout

    def request(self, uri: str, *arguments: Any, **options: Any) -> Any:
        """Send a request and return its response and content; a redirected one comes here again."""
        parts = urlsplit(uri)
        # The name under which httplib2 keeps the connection, and looks for it.
        name = f"{parts.scheme}:{parts.netloc}".lower()
        if name not in self.connections:
            self.connections[name] = self._network.connection(uri, self._seconds)
        return super().request(uri, *arguments, **options)
