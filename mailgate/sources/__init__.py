"""The ways in: SMTP, LMTP, pipe, polled accounts and import; each ends in the same accept()."""
