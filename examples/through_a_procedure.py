"""Take a case through a whole procedure by the REST API, with what is built into Python.

    python through_a_procedure.py ADDRESS PLAN TOKENS

PLAN is a JSON file: `sop`, `entry` and `opener` (an agency), `ways` (the way out of each stage), `parts` (the agency to
choose, by part), `answers` (by field) and `consents` (by stage and consent, the agencies to which it is given).
TOKENS is a JSON file with a list of tokens: of a person of each agency, and of a second where a second person signs.
"""

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

OPEN_MARKS = ("not_looked_at", "incomplete")
MOST_ROUNDS = 200


class Refused(Exception):
    """The server said no; the sentence says why."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(f"{told['rule']}: {told['detail']} {told.get('fields') or ''}".strip())
        self.told = told


class Person:
    """Somebody of an agency, who acts by a token."""

    def __init__(self, address: str, token: str) -> None:
        self.address = f"{address.rstrip('/')}/api/v1"
        self.token = token
        self.agency = str(self.get("/me")["agency"])

    def get(self, path: str) -> Any:
        return self._sent("GET", path)[0]

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None, tag: str | None = None) -> Any:
        return self._sent("POST", path, body, key or uuid.uuid4().hex, tag)[0]

    def case(self, number: str) -> tuple[dict[str, Any], str]:
        """A case, and the tag of its state."""
        found, headers = self._sent("GET", f"/cases/{number}")
        return found, headers["ETag"]

    def _sent(
        self, method: str, path: str, body: Any = None, key: str | None = None, tag: str | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": tag} if tag else {}
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.address + path, data=data, headers=headers, method=method)
        try:
            with urlopen(request) as answer:
                return json.loads(answer.read() or b"null"), answer.headers
        except HTTPError as problem:
            raise Refused(json.loads(problem.read())) from None


class Journey:
    """A case on its way: who acts is whoever the case says."""

    def __init__(self, address: str, plan: Mapping[str, Any], tokens: Sequence[str]) -> None:
        self.plan = plan
        self.everybody = [Person(address, token) for token in tokens]
        self.people = {person.agency: person for person in reversed(self.everybody)}
        self.number = ""

    def open(self) -> None:
        """Open the case; it is offered to the agency of its first stage."""
        body = {
            "sop": self.plan["sop"],
            "entry": self.plan["entry"],
            "known": self.plan.get("known", {}),
            "anyway": True,
        }
        self.number = self.people[self.plan["opener"]].post("/cases", body)["number"]

    def walk(self) -> str:
        """Go on until the case is closed; gives its outcome."""
        person = self.people[self.plan["opener"]]
        for _ in range(MOST_ROUNDS):
            case, tag = person.case(self.number)
            if case["status"] == "closed":
                return str(case["outcome"])
            person = self._next(case, tag)
        raise SystemExit(f"{self.number} does not come to an end")

    def _next(self, case: dict[str, Any], tag: str) -> Person:
        """Do the next thing, and give who saw it: accept, sign, note a consent, record a step, or take the way out."""
        strip = case["strip"]
        if strip["offered_to"]:
            receiver = self.people[strip["offered_to"]]
            self._say(receiver, "accepts")
            receiver.post(f"/cases/{self.number}/accept", {})
            return receiver
        holder = self.people[strip["holder"]]
        seen, tag = holder.case(self.number)
        if self._signed():
            return holder
        consent = next((one for one in seen["consents"] if one["name"] in self._wanted(seen)), None)
        step = next((one["name"] for one in seen["steps"] if self._is_ours(one)), None)
        if consent is not None:
            self._consent(holder, consent)
        elif step is not None:
            self._record(self._doer(seen, step), step)
        else:
            self._go(holder, seen, tag)
        return holder

    def _is_ours(self, step: dict[str, Any]) -> bool:
        return step["mark"] in OPEN_MARKS and not step["optional"] and step["doer"] in self.people

    def _doer(self, case: dict[str, Any], name: str) -> Person:
        return next(self.people[one["doer"]] for one in case["steps"] if one["name"] == name)

    def _signed(self) -> bool:
        """Sign where a second person is asked to; gives whether somebody did."""
        for person in self.everybody:
            try:
                case, _ = person.case(self.number)
            except Refused:
                continue
            if any(item["kind"] == "signature" for item in case["items"]):
                self._say(person, "signs")
                person.post(f"/cases/{self.number}/sign", {})
                return True
        return False

    def _go(self, holder: Person, case: dict[str, Any], tag: str) -> None:
        """Take the way out that the plan names, after the steps that still stand against it."""
        name = self.plan["ways"][case["strip"]["stage"]]
        told = holder.get(f"/cases/{self.number}/ways/{name}")
        lacking = next((one["step"] for one in told["way"]["lacks"] if one["step"]), None)
        if lacking is not None:
            self._record(self._doer(case, lacking), lacking)
            return
        self._say(holder, f"takes the way {name}")
        candidates = told["way"]["candidates"]
        body: dict[str, Any] = {"confirmed": [rule["place"] for rule in told["rules"]]}
        body |= {"to": next((one for one in candidates if one in self.people), candidates[0])} if candidates else {}
        body |= {"sentence": "As the plan says."} if told["way"]["reason"] else {}
        holder.post(f"/cases/{self.number}/ways/{name}", body, tag=tag)

    def _wanted(self, case: dict[str, Any]) -> set[str]:
        asked = {one["name"] for one in case["consents"] if one["status"] == "not_asked"}
        here = self.plan.get("consents", {}).get(case["strip"]["stage"], {})
        return asked & set(here)

    def _consent(self, holder: Person, consent: dict[str, Any]) -> None:
        name = consent["name"]
        stage = next(here for here in self.plan["consents"].values() if name in here)
        self._say(holder, f"notes the consent {name}")
        body = {"given_by": consent["giver"], "to": stage[name], "signed": "signature", "assent": True}
        holder.post(f"/cases/{self.number}/consents/{name}/give", body)

    def _record(self, person: Person, name: str) -> None:
        """Record a step with those answers of the plan for which its form asks."""
        found = person.get(f"/cases/{self.number}/steps/{name}")
        self._say(person, f"records {name}")
        asked = (found["form"] or {}).get("properties", {})
        answers = {field: self.plan["answers"][field] for field in asked if field in self.plan["answers"]}
        chosen = self.plan.get("parts", {})
        parts = {
            part: next((code for code in codes if code == chosen.get(part) or code in self.people), codes[0])
            for part, codes in found["chooses"].items()
            if codes
        }
        person.post(f"/cases/{self.number}/steps/{name}", {"answers": answers, "parts": parts})
        for paper, said in found["documents"].items():
            if said["always"]:
                kept = {"sentence": "In the cupboard of the office."}
                person.post(f"/cases/{self.number}/steps/{name}/papers/{paper}", kept)

    def _say(self, person: Person, what: str) -> None:
        print(f"{self.number}  {person.agency}: {what}")


def main(address: str, plan: str, tokens: str) -> None:
    journey = Journey(address, json.loads(Path(plan).read_text("utf-8")), json.loads(Path(tokens).read_text("utf-8")))
    journey.open()
    print(f"{journey.number}  closed: {journey.walk()}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
