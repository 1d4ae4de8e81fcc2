"""What is served over HTTP: Slack's requests, health checks and metrics."""
