"""What a page's own script asks a browser for, so that somebody makes or uses a passkey."""

from flask import Response, jsonify

from sop_engine.case.refusal import Refusal
from web.layout.reader import language


def asked(found: str | Refusal) -> Response:
    """The answer to the script: what the browser is asked for, or the sentence that the page shows."""
    if isinstance(found, Refusal):
        answer = jsonify(wrong=found.sentence(language()))
        answer.status_code = 429 if found.code == "waits" else 422
        return answer
    return Response(found, mimetype="application/json")
