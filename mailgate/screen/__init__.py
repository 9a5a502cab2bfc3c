"""Judgement: what a message is (normal, bounce, automatic, loop, spam, virus), one check a file, with its reason."""
