"""A real mail server in the process of a test, on a free port; what it takes in is there as messages. Knows no case."""

import email
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sop_engine.services.post import Post

USER, PASSWORD = "engine", "a-password-of-the-mail-server"


@dataclass(slots=True)
class Letterbox:
    """What arrived, and the names that senders gave for themselves; it `refuses` every receiver, or `breaks` off."""

    received: list[EmailMessage] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    refuses: bool = False
    breaks: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = email.message_from_bytes(bytes(envelope.content or b""), policy=POLICY)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.names.append(str(session.host_name))
        if self.breaks:
            server.transport.abort()
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for an address."""
        return [one for one in self.received if one["To"] == address]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(port: int | None = None) -> Iterator[tuple[Letterbox, Post]]:
    """A server without encryption, as on one's own machine, and the settings to reach it."""
    box, port = Letterbox(), port or free_port()
    with _running(Controller(box, hostname="127.0.0.1", port=port)):
        yield box, post_to(port)


@contextmanager
def closed_mail_server(folder: Path, security: str) -> Iterator[tuple[Letterbox, Post]]:
    """One that is encrypted (starttls or tls) and asks for a password; its certificate is `cert.pem` in the folder."""
    box, port = Letterbox(), free_port()
    known = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    known.load_cert_chain(*_certificate(folder))
    asked: dict[str, Any] = {"authenticator": _knows, "auth_required": True, "hostname": "127.0.0.1", "port": port}
    if security == "tls":
        controller = Controller(box, ssl_context=known, auth_require_tls=False, **asked)
    else:
        controller = Controller(box, tls_context=known, require_starttls=True, **asked)
    password = folder / "mail.password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o600)
    with _running(controller):
        yield box, post_to(port, security=security, user=USER, password_file=str(password))


def post_to(port: int, security: str = "none", user: str = "", password_file: str = "") -> Post:
    """Settings for a mail server on this machine."""
    address = "https://cases.example.org/"
    return Post("localhost", str(port), security, user, password_file, "desk@example.org", address)


@contextmanager
def _running(controller: Controller) -> Iterator[None]:
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    # What is not handled here is answered by the server itself.
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private
