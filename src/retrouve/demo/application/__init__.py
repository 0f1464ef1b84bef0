"""CREOS itself, as the demonstration needs it: an application of its own, in its own process, that knows nothing of
Retrouve but an address. It is what an integrator would write.
"""
