"""What people do with the app, as Slack tells the app, and what the app's answers do."""

from sandbox.interactions.response_urls import Origin, ResponseUrls
from sandbox.interactions.triggers import Triggers

__all__ = ["Origin", "ResponseUrls", "Triggers"]
