"""The mail server of the settings: spoken to encrypted, and where it is set up wrongly `doctor` says how."""

from dataclasses import replace
from pathlib import Path

import pytest

from sop_engine.services.post import Refused, Unreached, deliver, faults, try_out
from sop_engine.services.posting import mail_all
from sop_engine.services.upkeep import doctor
from tests.support.mail_server import closed_mail_server, mail_server, post_to
from tests.support.notices import ADDRESS
from tests.support.world import World


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_server_is_spoken_to_encrypted_and_with_a_password(
    sqlite_world: World, tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    with closed_mail_server(folder, security) as (box, post):
        with pytest.raises(Unreached):
            try_out(post)  # nobody vouches for its certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
        sqlite_world.inst.post = post
        assert doctor(sqlite_world.inst).problems == []
        deliver(post, ADDRESS, "A test", "A test\n", sqlite_world.clock())
        (folder / "mail.password").write_text("another")
        with pytest.raises(Unreached):
            deliver(post, ADDRESS, "A test", "A test\n", sqlite_world.clock())
    assert len(box.received) == 1


def test_a_server_that_refuses_is_told_from_one_that_is_not_there(sqlite_world: World) -> None:
    with mail_server() as (box, post):
        box.refuses = True
        with pytest.raises(Refused):
            deliver(post, ADDRESS, "A test", "A test\n", sqlite_world.clock())
    with pytest.raises(Unreached):
        deliver(post, ADDRESS, "A test", "A test\n", sqlite_world.clock())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"security": "ssl"}, "mail_security is 'ssl'"), ({"host": "mail.example.org"}, "not on this machine"),
        ({"port": "smtp"}, "mail_port is 'smtp'"), ({"sender": "us"}, "mail_sender is no"),
        ({"address": ""}, "address is not"), ({"address": "cases.example.org"}, "address is not"),
        ({"user": "me"}, "without mail_password_file"), ({"password_file": "/nowhere"}, "cannot be read"),
    ],
)  # fmt: skip
def test_a_server_is_set_up_wrongly_and_doctor_says_how(sqlite_world: World, wrong: dict[str, str], said: str) -> None:
    sqlite_world.inst.post = replace(post_to(25), **wrong)
    assert [one for one in doctor(sqlite_world.inst).problems if said in one]
    assert mail_all(sqlite_world.inst) == 0


def test_the_server_has_a_password_that_others_may_read(sqlite_world: World, tmp_path: Path) -> None:
    file = tmp_path / "mail.password"
    file.write_text("secret")
    file.chmod(0o644)
    assert "chmod 600" in faults(post_to(25, user="me", password_file=str(file)))[0]
