"""What a recovery costs the server: `make bench` (docs/bench.md)."""
