"""The team's settings in a file, ``muster.yaml``, which overrides what was set in Slack."""
