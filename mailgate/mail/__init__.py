"""The mail room: what a message is. Bytes in, meaning out, and back; no I/O, never raises on what strangers send."""
