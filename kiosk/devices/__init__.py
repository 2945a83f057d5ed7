"""The devices as the visit sees them: drivers on threads of their own, events on the queue.

Each module owns one device: it asks the driver, translates its answers into `kiosk.visit.events`, and reports
its faults to `kiosk.health`. Nothing here decides what an answer means for a visit.
"""
