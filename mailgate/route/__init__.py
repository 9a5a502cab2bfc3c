"""The routing room: which hosted address, which category, which ticket a message belongs to."""
