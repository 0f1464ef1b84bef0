"""Real servers, started by the tests that need them on ports of their own, stopped by process id."""
