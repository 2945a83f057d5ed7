"""The kiosks' HTTP interface, version 1; the messages are `kiosk.domain.wire`."""
