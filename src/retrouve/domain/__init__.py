"""What we decide: pure rules. No framework, no clock, no randomness that is not handed in, no network."""
