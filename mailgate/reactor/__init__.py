"""The reactor: turns events into letters, in the transaction that marks the event as handled."""
