"""The login's library, requests, on our network.

Imported only for the login: the bot itself doesn't use requests.
"""

from __future__ import annotations

from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter

from bot.network import Network


class _Adapter(HTTPAdapter):
    """Trusts the authorities that the network trusts, whether or not a proxy is in between."""

    def __init__(self, network: Network) -> None:
        self._network = network
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pool of direct connections; overrides the library's."""
        super().init_poolmanager(*arguments, **options, ssl_context=self._network.tls)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make the pool of connections through the proxy; overrides the library's."""
        return super().proxy_manager_for(proxy, **options, ssl_context=self._network.tls)


def route(session: Session, url: str, network: Network) -> None:
    """Have the session call this URL over the network, whatever the environment says."""
    proxy = network.proxy_for(url)
    session.trust_env = False
    session.verify = network.ca or True
    session.proxies = {"all": proxy.url} if proxy else {}
    session.mount("https://", _Adapter(network))
