"""The parts that all messages and forms share."""
