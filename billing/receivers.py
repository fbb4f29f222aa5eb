"""News from dispatch that billing acts on."""
