"""The municipal backend: what the kiosks report to, and what the desk and the staff look at.

It keeps no state in its processes. Settings come from the environment and from files, never from the tree.
"""
