"""The one pen that writes tickets: people, threads, entries, rights and history."""
