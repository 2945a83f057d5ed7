"""Simulated devices: the real wire protocols, in processes of their own, with faults on demand."""
