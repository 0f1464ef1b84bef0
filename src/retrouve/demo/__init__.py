"""The demonstration: four portals, invented people, and a mailbox that anybody can read. Never under `serve`."""
