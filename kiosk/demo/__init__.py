"""A whole kiosk on simulated devices: the same program over the same protocols, with hands to play with.

`rig` starts the devices and a backend, `dock` stands beside the screen for a person, `script` drives the
screen by real touches for a machine.
"""
