"""Who hears about an event, and in which words: the notification table, templates, masks and letters."""
