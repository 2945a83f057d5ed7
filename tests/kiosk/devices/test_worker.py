from __future__ import annotations

import threading

import pytest

from kiosk.devices.worker import Worker

PATIENCE = 20.0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_device_whose_thread_dies_ends_the_kiosk_instead_of_being_waited_for() -> None:
    crashed = threading.Event()
    worker = Worker("device", lambda: None, every=3600.0, crashed=crashed.set)
    worker.start()
    worker.do(lambda: {}["a fault in the program"])
    assert crashed.wait(PATIENCE) and worker.stop()


def test_a_worker_looks_at_once_and_again_while_it_has_nothing_to_do() -> None:
    looks = threading.Semaphore(0)
    worker = Worker("device", looks.release, every=0.01)
    worker.start()
    assert all(looks.acquire(timeout=PATIENCE) for _ in range(3))
    assert worker.stop()
