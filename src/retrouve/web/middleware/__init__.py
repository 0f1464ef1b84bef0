"""What is done around every request, outermost first as `wiring.settings` lists it."""
