"""Handing one e-mail to the mail server that the settings name. Knows no case and keeps nothing.

Every connection is encrypted, but to a server on this machine. The machine's own name is told to nobody.
"""

import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

SECURITIES = ("starttls", "tls", "none")
HERE = ("localhost", "127.0.0.1", "::1")
SECONDS = 15
OK = 250
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


class Unreached(Exception):
    """The mail server cannot be used now; nothing was sent. The message names no address."""


class Refused(Exception):
    """The mail server can be used, but did not take this mail; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server and what mails say of us.

    `security` is starttls, tls or none; `password_file` holds the password of `user`; `address` is that of the front
    page, which stands in every mail.
    """

    host: str
    port: str
    security: str
    user: str
    password_file: str
    sender: str
    address: str

    @property
    def domain(self) -> str:
        """The domain of the sender: all that a mail tells of where it comes from."""
        return self.sender.rpartition("@")[2]


def is_address(typed: str) -> bool:
    """Whether this can be an e-mail address that every mail server takes."""
    # `=?` begins an encoded word: it would be read as another address.
    return len(typed) <= LONGEST_ADDRESS and "=?" not in typed and _ADDRESS.fullmatch(typed) is not None


def faults(post: Post) -> list[str]:
    """What is wrong with the settings of the mail server, without asking it: a sentence each."""
    wrong = {
        f"mail_security is '{post.security}': write starttls, tls or none": post.security not in SECURITIES,
        "mail_security is none, and the mail server is not on this machine: write starttls or tls": (
            post.security == "none" and post.host not in HERE
        ),
        f"mail_port is '{post.port}': write a number": not post.port.isdecimal(),
        "mail_sender is no e-mail address": not is_address(post.sender),
        "address is not the address of the front page, such as https://cases.example.org/": (
            re.fullmatch(r"https?://[^\s/]+/?", post.address) is None
        ),
        "mail_user is set without mail_password_file": bool(post.user) and not post.password_file,
    }
    found = [sentence for sentence, is_so in wrong.items() if is_so]
    return found + (_faults_of_password(Path(post.password_file)) if post.password_file else [])


def _faults_of_password(file: Path) -> list[str]:
    try:
        password = _password(file)
        open_to_others = file.stat().st_mode & 0o077
    except (OSError, ValueError):
        return [f"mail_password_file {file} cannot be read"]
    found = [] if password else [f"mail_password_file {file} is empty"]
    return found + ([f"others may read the password of the mail server in {file}: chmod 600"] if open_to_others else [])


def deliver(post: Post, to: str, subject: str, body: str, now: datetime) -> None:
    """Hand one mail to the server; raises Unreached or Refused where it surely was not taken.

    A connection that breaks after the mail was handed over counts as taken: lost is better than sent twice.
    """
    content = _mail(post, to, subject, body, now).as_bytes(policy=SMTP)
    with _reached(post) as server:
        try:
            if server.mail(post.sender)[0] != OK:
                raise Unreached("sender refused")
            _taken(server.rcpt(to))
        except (OSError, smtplib.SMTPServerDisconnected) as broken:
            raise Unreached(type(broken).__name__) from broken
        with suppress(OSError, smtplib.SMTPServerDisconnected):
            _taken(_handed_over(server, content))


def try_out(post: Post) -> None:
    """Connect and sign in as for a mail, and send none; raises Unreached."""
    with _reached(post):
        pass


def _handed_over(server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    try:
        return server.data(content)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, b""


def _taken(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise Refused(str(answer[0]))


@contextmanager
def _reached(post: Post) -> Iterator[smtplib.SMTP]:
    """A server that would take a mail now; raises Unreached."""
    wrong = faults(post)
    if wrong:
        raise Unreached(wrong[0])
    try:
        server = _signed_in(post)
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        raise Unreached(type(problem).__name__) from problem
    try:
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _signed_in(post: Post) -> smtplib.SMTP:
    known, port = ssl.create_default_context(), int(post.port)
    server: smtplib.SMTP
    if post.security == "tls":
        server = smtplib.SMTP_SSL(post.host, port, post.domain, timeout=SECONDS, context=known)
    else:
        server = smtplib.SMTP(post.host, port, post.domain, timeout=SECONDS)
    try:
        if post.security == "starttls":
            server.starttls(context=known)
        server.ehlo_or_helo_if_needed()
        if post.user:
            server.login(post.user, _password(Path(post.password_file)))
    except BaseException:
        server.close()
        raise
    return server


def _password(file: Path) -> str:
    return file.read_text(encoding="utf-8").rstrip("\r\n")


def _mail(post: Post, to: str, subject: str, body: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = post.sender, to, subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{secrets.token_hex(16)}@{post.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail
