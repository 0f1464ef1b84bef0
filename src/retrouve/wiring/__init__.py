"""From the configuration to what works with it: directories, relay, keys. The only room that chooses."""
