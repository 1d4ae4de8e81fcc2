"""The team's settings in a file, ``muster.yaml``, which counts more than what was set in Slack."""
