"""A form that is sent twice acts once, and one that was changed in between is another act.

A form carries a word that nothing else has. The id of its command is made of that word, of who sends it and of all that
is sent with it: a second press, or a page loaded again, gives the same id, and nobody is told that something was kept
which was not.
"""

import hashlib

from flask import g, request

from sop_engine.services.installation import new_id

_BESIDE = ("csrf_token", "command")


def command_of_form() -> str:
    """The id of the command that the form of this request makes (32 hexadecimal letters)."""
    word = request.form.get("command", "")
    if len(word) != 32 or not word.isalnum():
        return new_id()
    digest = hashlib.sha256()
    account = g.get("account")
    said = [value for item in request.form.items(multi=True) if item[0] not in _BESIDE for value in item]
    for part in (word, account.id if account is not None else "", request.path, *said):
        encoded = part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(encoded) + encoded)
    digest.update(files_sent())
    return digest.hexdigest()[:32]


def files_sent() -> bytes:
    """What the files of a form are, with their names: what stands between them in a request is another each time."""
    digest = hashlib.sha256()
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        file.stream.seek(0)
        digest.update(f"{name}\0{file.filename}\0".encode("utf-8", "replace") + file.stream.read())
        file.stream.seek(0)
    return digest.digest()
