"""Whom a kiosk believes to be its backend: the authorities that its machine knows."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.doctor.backend import backend
from kiosk.domain import wire
from kiosk.sync.client import BackendClient, SyncError, SyncProblem

NOW = datetime.now(UTC)
SERIAL = 35963


class _Health(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection stays open, as every backend's does

    def do_GET(self) -> None:
        body = wire.Health(status="ok", server_time=NOW).model_dump_json().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the town's own for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "town")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(SERIAL)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("authority") / "town.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


@pytest.fixture(scope="module")
def url(authority: Path) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Health)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_authority_that_the_machine_knows_is_believed(
    url: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # as OpenSSL is told, instead of the machine's own list
    with BackendClient(url, attempts=1) as client:
        assert client.health().status == "ok"
        assert client.certificate is not None and client.certificate.serial_number == SERIAL


def test_another_is_not_and_the_reason_is_said(url: str, tmp_path: Path) -> None:
    with BackendClient(url, attempts=1) as client, pytest.raises(SyncError) as caught:
        client.health()
    assert caught.value.problem is SyncProblem.UNREACHABLE
    assert caught.value.detail == "its certificate is not trusted here: self-signed certificate"
    finding = backend(url, tmp_path / "none.pem", "town", lambda: NOW)[-1]
    assert "update-ca" not in finding.remedy and "authority of the town's own" in finding.remedy
