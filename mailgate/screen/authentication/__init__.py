"""Who a message really is from: SPF, DKIM, ARC and DMARC of mail from outside, and what a trusted MTA found.

`check.py` asks all four at SMTP time; `results.py` reads the Authentication-Results of configured hosts; `dmarc.py` knows
which domains belong together; `resolver.py` is the only way to the DNS. Nothing is imported here, because `results` is
needed for every message and the libraries behind `check` are slow to load.
"""
