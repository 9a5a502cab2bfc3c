"""The SMTP and LMTP listener: from a connection to a message on disk, and a reply that keeps its word."""
