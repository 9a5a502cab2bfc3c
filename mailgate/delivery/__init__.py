"""Delivery: empties the outbox towards the relay, retries, and writes down what came back."""
