"""Servers on this machine for whatever fetches: one with a real certificate, and one that nobody may ever reach."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[[ssl.SSLSocket], None]


class Certificates:
    """An authority of our own and what it signed for one name."""

    def __init__(self, folder: Path, name: str = "calendar.example"):
        key, authority = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests")]),
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(authority)
            .issuer_name(authority)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        self.file = folder / "certificate.pem"
        self._key = folder / "key.pem"
        self.file.write_bytes(certificate.public_bytes(pem))
        self._key.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))

    def serving(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self._key)
        return context


class Listener:
    """Counts who connects. ``tls`` and ``answer`` make it a server; without them it accepts and keeps silent."""

    def __init__(self, host: str, port: int = 0, tls: ssl.SSLContext | None = None):
        self._socket = socket.create_server((host, port))
        self.port: int = self._socket.getsockname()[1]
        self.connects = 0
        self.requests: list[bytes] = []
        self.answer: Answer = send("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        self._tls = tls
        self._kept: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()
        for each in self._kept:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.connects += 1
                self._kept.append(connection)
                if self._tls is not None:
                    threading.Thread(target=self._serve, args=[connection, self._tls], daemon=True).start()

    def _serve(self, connection: socket.socket, tls: ssl.SSLContext) -> None:
        with suppress(OSError), tls.wrap_socket(connection, server_side=True) as secured:
            self.requests.append(secured.recv(8_192))
            self.answer(secured)


def send(body: str | bytes, status: str = "200 OK", **headers: str) -> Answer:
    """A whole answer; header names with _ for -."""
    content = body.encode() if isinstance(body, str) else body
    lines = {"Content_Length": str(len(content))} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return send_raw(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content)


def send_raw(data: bytes) -> Answer:
    return lambda connection: connection.sendall(data)


def drip(beginning: bytes, piece: bytes, *, every: float, seconds: float = 3) -> Answer:
    """The beginning, and then a piece every few milliseconds for longer than anybody should listen."""

    def answer(connection: ssl.SSLSocket) -> None:
        connection.sendall(beginning)
        for _ in range(int(seconds / every)):
            time.sleep(every)
            connection.sendall(piece)

    return answer
