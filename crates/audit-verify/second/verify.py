#!/usr/bin/env python3
"""A second verifier of Countersign's audit log, independent of the first.

It judges an export of the log (docs/AUDIT.md), or the proof file of one entry (c2sp.org/tlog-proof), with nothing but the verifier keys and a
signed head that somebody kept. It is written from the specifications and shares no code with the Rust verifier, so that an error in one of them
shows as a disagreement. What the public specifications say is in specifications.py; here is what a log of Countersign is.

Usage: verify.py FILE [--key KEY]... [--checkpoint FILE]    KEY is a verifier key or a file that holds one
       verify.py --batch DIR                                one line for each NAME.file in DIR, judged with the keys in NAME.keys
                                                            and the kept head in NAME.kept, where these exist

Exit code 0 and "ok: ...", or 1 and the first thing that is wrong. It needs Python 3.10 or newer and the package `cryptography`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator

from specifications import (
    UINT64_MAX, Head, Key, Tree, Wrong, canonical, check, is_integer, is_text, leaf_hash, read_base64, read_canonical, read_head,
    read_natural, read_object, root_of_proof,
)

FORMAT = "countersign-audit-export/1"
PROOF_START = b"c2sp.org/tlog-proof@"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
LINE_BYTES_MAX = 8 * 1024 * 1024
PROOF_FILE_BYTES_MAX = 4 * 1024 * 1024


# The entries and the rules of the log.

LEAF = {"action", "actor", "at", "correlation_id", "detail", "facts", "id", "incident_id", "outcome", "seq", "target", "v"}
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"
PERSON = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DIGEST = "[0-9a-f]{64}"
STATES = "new|classified|awaiting_approval|in_progress|contained|resolved|closed"
BY_HAND = {
    "classified": {"in_progress", "closed"},
    "in_progress": {"contained"},
    "contained": {"resolved"},
    "resolved": {"closed", "classified"},
    "closed": {"classified"},
}
BY_SYSTEM = {
    "new": {"classified"},
    "classified": {"awaiting_approval", "in_progress", "closed"},
    "awaiting_approval": {"in_progress", "classified", "contained"},
    "in_progress": {"awaiting_approval", "contained", "classified"},
    "contained": {"awaiting_approval", "in_progress"},
}


def read_leaf(text: str, expected_seq: int) -> dict[str, Any]:
    """An entry of version 1, in its one spelling and its place."""
    leaf = read_canonical(text, f"entry {expected_seq}")
    shape = (
        isinstance(leaf, dict)
        and leaf.keys() == LEAF
        and is_integer(leaf["v"])
        and leaf["v"] == 1
        and is_integer(leaf["seq"])
        and isinstance(leaf["facts"], dict)
        and (leaf["detail"] is None or isinstance(leaf["detail"], str) and re.fullmatch(DIGEST, leaf["detail"]))
        and all(isinstance(leaf[name], str) for name in ("action", "at", "id", "outcome"))
        and all(leaf[name] is None or isinstance(leaf[name], str) for name in ("correlation_id", "incident_id"))
        and all(isinstance(leaf[name], dict) and leaf[name].keys() == {"id", "kind"} for name in ("actor", "target"))
        and all(isinstance(text, str) for text in (leaf["actor"]["kind"], leaf["target"]["id"], leaf["target"]["kind"]))
        and (leaf["actor"]["id"] is None or isinstance(leaf["actor"]["id"], str))
    )
    check(bool(shape), f"entry {expected_seq} has not the members of an entry of version 1")
    check(leaf["seq"] == expected_seq, f"entry {leaf['seq']} stands where entry {expected_seq} is expected")
    return leaf


def word(value: Any, pattern: str, what: str) -> str:
    check(isinstance(value, str) and re.fullmatch(pattern, value) is not None, f"its {what} is missing or cannot be read")
    return value


def read_time(value: Any, what: str) -> str:
    """Times have one spelling, in which the earlier is the smaller text."""
    text = word(value, TIME, what)
    try:
        datetime.fromisoformat(text[:-1])
    except ValueError:
        raise Wrong(f"its {what} is no time") from None
    return text


@dataclass
class Approval:
    run: str
    plan: str
    quorum: int
    expires_at: str
    contributors: set[str]
    first_asked_at: str | None
    status: str = "pending"
    voters: set[str] = field(default_factory=set)


def said_setter(facts: dict[str, Any]) -> str | None:
    return None if facts.get("set_by") is None else word(facts["set_by"], PERSON, "set_by")


def setter(facts: dict[str, Any], actor: dict[str, Any]) -> str | None:
    """Who set something of an account: whoever is signed in, and nobody else is said to have."""
    by, person = said_setter(facts), actor["id"]
    is_person = actor["kind"] == "user" and isinstance(person, str) and re.fullmatch(PERSON, person) is not None
    check(by == (person if is_person else None), f"{by} is said to have set an account, and somebody else did")
    return by


class Accounts:
    """In whose hands accounts are: of those who last set them, until somebody else confirmed that, or for a day where nobody else is there."""

    def __init__(self) -> None:
        self.roles: dict[str, set[str]] = {}
        self.enabled: dict[str, bool] = {}
        self.approver: dict[str, list[tuple[str, bool]]] = {}
        # By account and aspect: who set it and when, and whether somebody confirmed it.
        self.last: dict[tuple[str, str], tuple[str | None, str, bool]] = {}

    def set_roles(self, owner: str, roles: set[str], enabled: bool, at: str) -> None:
        self.roles[owner], self.enabled[owner] = roles, enabled
        self.approver.setdefault(owner, []).append((at, enabled and "approver" in roles))

    def set(self, owner: str, aspect: str, by: str | None, at: str) -> None:
        self.last[owner, aspect] = (by, at, False)

    def confirm(self, owner: str) -> None:
        for aspect in ("roles", "password"):
            if (owner, aspect) in self.last:
                by, at, _ = self.last[owner, aspect]
                self.last[owner, aspect] = (by, at, True)

    def open(self, owner: str) -> list[tuple[str, str]]:
        """Who set what is not confirmed of an account, each with the last time."""
        found: dict[str, str] = {}
        for aspect in ("roles", "password"):
            by, at, confirmed = self.last.get((owner, aspect), (None, "", True))
            if by is not None and by != owner and not confirmed:
                found[by] = max(found.get(by, at), at)
        return list(found.items())

    def may_confirm(self, person: str) -> bool:
        return self.enabled.get(person, False) and bool(self.roles.get(person, set()) & {"admin", "approver"})

    def was_approver(self, person: str, at: str) -> bool:
        return next((can for since, can in reversed(self.approver.get(person, [])) if since <= at), False)

    def reach(self, owner: str, holds: Callable[[str, str, str], bool]) -> set[str]:
        found: set[str] = set()
        waiting = [owner]
        while waiting:
            held = waiting.pop()
            for by, at in self.open(held):
                if by not in found and holds(held, by, at):
                    found.add(by)
                    waiting.append(by)
        return found

    def hands(self, owner: str, now: str) -> set[str]:
        return self.reach(owner, lambda held, by, at: not is_a_day_after(now, at) or self.somebody_can_confirm(held, by))

    def somebody_can_confirm(self, owner: str, by: str) -> bool:
        others = (person for person in self.roles if person not in (owner, by) and self.may_confirm(person))
        return any(by not in self.reach(person, lambda *_: True) for person in others)


def is_a_day_after(now: str, at: str) -> bool:
    return datetime.fromisoformat(now[:-1]) - datetime.fromisoformat(at[:-1]) >= timedelta(days=1)


class Rules:
    """What the entries so far add up to, and whether the server may have done what the next one says."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.approvals: dict[str, Approval] = {}
        self.newest: dict[str, str] = {}
        self.accounts = Accounts()
        # Who made the links by which passwords are set.
        self.links: dict[str, str | None] = {}

    def follow(self, leaf: dict[str, Any]) -> None:
        action, facts, actor, target = leaf["action"], leaf["facts"], leaf["actor"], leaf["target"]["id"]
        if action == "INCIDENT_CREATED":
            incident = word(target, "INC-[0-9]{10}", "target")
            check(incident not in self.states, f"{incident} was made a second time")
            self.states[incident] = "new"
        elif action == "STATE_CHANGED":
            self.move(word(target, "INC-[0-9]{10}", "target"), facts, actor)
        elif action == "APPROVAL_REQUESTED":
            self.ask(word(target, "APR-[0-9]{10}", "target"), facts)
        elif action == "APPROVAL_DECIDED":
            self.decide(self.approval(target), facts, actor, leaf["at"])
        elif action in ("APPROVAL_EXPIRED", "APPROVAL_WITHDRAWN"):
            approval = self.approval(target)
            check(approval.status == "pending", f"{target} was {approval.status} already")
            approval.status = "ended"
        elif action == "APPROVAL_STALE":
            self.approval(target).status = "stale"
        elif action in ("PLAYBOOK_STARTED", "ACTION_STARTED"):
            self.begin(word(target, "RUN-[0-9]{10}", "target"), facts)
        elif action in ("USER_CREATED", "USER_UPDATED", "USER_DISABLED"):
            self.set_roles(action, word(target, PERSON, "target"), facts, actor, leaf["at"])
        elif action == "USER_PASSWORD_SET":
            self.set_password(word(target, PERSON, "target"), facts, actor)
        elif action == "LINK_CREATED" and facts.get("set_at") is not None:
            by = setter(facts, actor)
            self.links[target] = by
            owner = word(facts.get("user_id"), PERSON, "user_id")
            self.accounts.set(owner, "password", by, read_time(facts["set_at"], "set_at"))
        elif action == "USER_CONFIRMED":
            self.confirm(word(target, PERSON, "target"), facts, actor)

    def set_roles(self, action: str, owner: str, facts: dict[str, Any], actor: dict[str, Any], at: str) -> None:
        """Before it was on record who set an account, it counts as set by nobody."""
        known = facts.get("set_at") is not None
        at = read_time(facts["set_at"] if known else at, "set_at" if known else "at")
        roles = facts.get("roles")
        if roles is None:
            self.accounts.set_roles(owner, self.accounts.roles.get(owner, set()), False, at)
        else:
            check(isinstance(roles, list), "its roles are missing or cannot be read")
            roles = {word(role, "analyst|approver|auditor|admin", "roles") for role in roles}
            enabled = facts.get("enabled", 1)
            self.accounts.set_roles(owner, roles, is_integer(enabled) and enabled == 1, at)
        if known:
            by = setter(facts, actor)
            for aspect in ("roles", "password") if action == "USER_CREATED" else ("roles",):
                self.accounts.set(owner, aspect, by, at)

    def set_password(self, owner: str, facts: dict[str, Any], actor: dict[str, Any]) -> None:
        """By a link it was set by whoever made that."""
        if facts.get("set_at") is None:
            return
        at, link = read_time(facts["set_at"], "set_at"), facts.get("link")
        if isinstance(link, str) and link in self.links:
            by = said_setter(facts)
            check(by == self.links[link], f"{by} is said to have set an account by somebody else's link")
        else:
            by = setter(facts, actor)
        self.accounts.set(owner, "password", by, at)

    def confirm(self, owner: str, facts: dict[str, Any], actor: dict[str, Any]) -> None:
        at, by = read_time(facts.get("confirmed_at"), "confirmed_at"), word(actor["id"], PERSON, "actor")
        setters = {setter for setter, _ in self.accounts.open(owner)}
        theirs = by == owner or by in setters or bool(setters & self.accounts.hands(by, at))
        check(not theirs and self.accounts.may_confirm(by), f"{owner} was confirmed by {by}, who may not")
        self.accounts.confirm(owner)

    def approval(self, target: Any) -> Approval:
        name = word(target, "APR-[0-9]{10}", "approval")
        check(name in self.approvals, f"nobody asked for {name}")
        return self.approvals[name]

    def move(self, incident: str, facts: dict[str, Any], actor: dict[str, Any]) -> None:
        before, after = word(facts.get("from"), STATES, "from"), word(facts.get("to"), STATES, "to")
        check(self.states.get(incident) == before, f"{incident} was not {before}")
        kind = word(actor["kind"], "user|api_key|system", "actor")
        allowed = BY_SYSTEM.get(before, set()) | (BY_HAND.get(before, set()) if kind != "system" else set())
        check(after in allowed, f"no rule lets {kind} move {incident} from {before} to {after}")
        self.states[incident] = after

    def ask(self, name: str, facts: dict[str, Any]) -> None:
        check(name not in self.approvals, f"{name} was asked for a second time")
        quorum, contributors = facts.get("quorum"), facts.get("contributors")
        check(is_integer(quorum) and 0 <= quorum <= UINT64_MAX, "its quorum is missing or cannot be read")
        check(isinstance(contributors, list), "its contributors are missing or cannot be read")
        run, plan = word(facts.get("run_id"), "RUN-[0-9]{10}", "run_id"), word(facts.get("plan_digest"), DIGEST, "plan_digest")
        people = {word(person, PERSON, "contributors") for person in contributors}
        asked = facts.get("first_asked_at")
        asked = None if asked is None else read_time(asked, "first_asked_at")
        self.approvals[name] = Approval(run, plan, quorum, read_time(facts.get("expires_at"), "expires_at"), people, asked)
        self.newest[run] = name

    def decide(self, approval: Approval, facts: dict[str, Any], actor: dict[str, Any], at: str) -> None:
        check(actor["kind"] == "user", "an approval was decided by no person")
        person = word(actor["id"], PERSON, "actor")
        decision = word(facts.get("decision"), "approve|reject", "decision")
        status = word(facts.get("status"), "pending|approved|rejected|expired|withdrawn", "status")
        # By the clock that the expiry goes by, where it is on record.
        decided_at = read_time(at if facts.get("decided_at") is None else facts["decided_at"], "decided_at")
        check(approval.status == "pending", f"an approval was decided that was {approval.status} already")
        check(person not in approval.contributors, f"{person} decided, and contributed")
        if approval.first_asked_at is not None:
            self.check_second_person(approval, person, decided_at)
        check(word(facts.get("plan_digest"), DIGEST, "plan_digest") == approval.plan, "another plan was decided than asked about")
        check(decided_at < approval.expires_at, "an approval was decided after it expired")
        check(person not in approval.voters, f"{person} decided twice")
        approval.voters.add(person)
        allowed = {"reject": {"rejected"}, "approve": {"pending"}}[decision]
        if decision == "approve" and len(approval.voters) >= approval.quorum:
            allowed = {"pending", "approved"}
        check(status in allowed, f"an approval is {status} after {len(approval.voters)} of {approval.quorum} signatures")
        approval.status = status

    def check_second_person(self, approval: Approval, person: str, at: str) -> None:
        """Whoever became an approver since is none for this; whoever has somebody's account in their hand is not another person beside them."""
        check(self.accounts.was_approver(person, approval.first_asked_at), f"{person} decided, and was no approver when it was asked for")
        others = approval.contributors | approval.voters
        check(not self.accounts.hands(person, at) & others, f"{person} decided, and a contributor or voter set their account")
        set_voters = [voter for voter in approval.voters - {person} if person in self.accounts.hands(voter, at)]
        check(not set_voters, f"{person} decided, and set the account of another voter")

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """A run that asked for a signature goes on only under the newest that it asked for, and a step under the one that covers it."""
        covering = [self.newest[run]] if run in self.newest else []
        if facts.get("approval_id") is not None:
            covering.append(facts["approval_id"])
        for name in covering:
            approval = self.approval(name)
            check(approval.run == run, f"{run} began under {name}, which is of another run")
            check(approval.status == "approved", f"{run} went on although {name} was {approval.status}")


class Details:
    """Whether each detail that is gone was erased, as a later entry says, and each that was erased is gone."""

    def __init__(self) -> None:
        self.there: list[bool] = []
        # The ids of the entries whose details are gone: those of which nothing was said so far, and those that were erased.
        self.vanished: dict[int, str] = {}
        self.erased: set[int] = set()

    def follow(self, leaf: dict[str, Any], is_there: bool) -> None:
        if leaf["detail"] is not None and not is_there:
            self.vanished[leaf["seq"]] = leaf["id"]
        self.there.append(is_there)
        if leaf["action"] == "DETAIL_ERASED" and leaf["outcome"] == "ok":
            self.erase(leaf["seq"], leaf["facts"].get("erased_seq"), leaf["target"])

    def erase(self, by: int, of: Any, target: dict[str, Any]) -> None:
        check(is_integer(of) and target["kind"] == "entry", f"entry {by} says that a detail was erased, and not which")
        said = f"entry {by} says that the detail of entry {of} was erased"
        check(0 <= of < by, f"{said}, which is not before it")
        check(not self.there[of], f"{said}, which is there")
        check(of not in self.erased, f"{said}, which another entry said already")
        check(of in self.vanished, f"{said}, which never had one")
        check(self.vanished.pop(of) == target["id"], f"{said}, which has another id")
        self.erased.add(of)

    def expect_none_vanished(self) -> None:
        first = min(self.vanished, default=None)
        check(first is None, f"the detail of entry {first} is missing, and no entry says that it was erased")


# The files. An export has one spelling: what is not the very bytes that its members make is refused.


def expect_spelled(line: str, *parts: str) -> None:
    check(line == "".join(parts), "a line is not spelled as an export spells it")


def lines_of(file: BinaryIO) -> Iterator[str]:
    while line := file.readline(LINE_BYTES_MAX + 1):
        check(line.endswith(b"\n"), f"a line has more than {LINE_BYTES_MAX} bytes, or the file is cut off")
        try:
            yield line[:-1].decode()
        except UnicodeDecodeError:
            raise Wrong("a line is not UTF-8") from None


def read_first_line(line: str) -> tuple[str, int, list[Key]]:
    members = {name: value for name, (value, _) in read_object(line).items()}
    check(members.keys() == {"format", "origin", "verifier_key", "size"}, "line 1 is not that of an export")
    origin, size, keys = members["origin"], members["size"], members["verifier_key"]
    check(members["format"] == FORMAT, f"this is no {FORMAT}")
    check(is_text(origin) and is_integer(size) and 0 <= size <= UINT64_MAX, "line 1 has no origin or no size")
    check(isinstance(keys, list) and all(is_text(key) for key in keys), "line 1 has no list of keys")
    listed = ",".join(map(canonical, keys))
    expect_spelled(line, f'{{"format":{canonical(FORMAT)},"origin":{canonical(origin)},"size":{size},"verifier_key":[{listed}]}}')
    check(len(set(keys)) == len(keys), "line 1 has a key twice")
    return origin, size, [Key.read(key) for key in keys]


def read_entry(members: dict[str, tuple[Any, str]], seq: int) -> dict[str, Any]:
    """The leaf of an entry whose detail, if it is there, is the one that was written."""
    leaf = read_leaf(members["leaf"][1], seq)
    detail, text = members["detail"]
    if detail is not None:
        check(isinstance(detail, dict), f"the detail of entry {seq} is no object")
        written = read_object(text)
        check(written.keys() == {"salt", "value"}, f"the detail of entry {seq} is not a salt and a value")
        salt, value = written["salt"][0], written["value"][1]
        check(isinstance(salt, str) and re.fullmatch("[0-9a-f]{32}", salt) is not None, f"the salt of entry {seq} is wrong")
        expect_spelled(text, '{"salt":"', salt, '","value":', value, "}")
        read_canonical(value, f"the detail of entry {seq}")
        digest = hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()
        check(digest == leaf["detail"], f"the detail of entry {seq} is not the one that was written")
    return leaf


def verify_export(file: BinaryIO, pinned: list[Key], kept: str | None) -> str:
    lines = lines_of(file)
    origin, size, carried = read_first_line(next(lines, ""))
    keys, rules, details = pinned or carried, Rules(), Details()
    leaves: list[bytes] = []
    notes: list[Head] = []
    # Keys in whose place another one signs, and the entry that says so first.
    replaced: dict[str, int] = {}
    for line in lines:
        members = read_object(line)
        if members.keys() == {"checkpoint"}:
            note = members["checkpoint"][0]
            check(is_text(note), "a signed head is no text")
            expect_spelled(line, '{"checkpoint":', canonical(note), "}")
            notes.append(read_head(note, keys))
        else:
            check(members.keys() == {"leaf", "detail"} and not notes, "a line is neither an entry nor a head, or out of order")
            expect_spelled(line, '{"leaf":', members["leaf"][1], ',"detail":', members["detail"][1], "}")
            leaf = read_entry(members, len(leaves))
            rules.follow(leaf)
            details.follow(leaf, members["detail"][0] is not None)
            older = leaf["facts"].get("replaces")
            if leaf["action"] == "LOG_KEY_ADDED" and isinstance(older, str):
                replaced.setdefault(older, len(leaves))
            leaves.append(leaf_hash(members["leaf"][1].encode()))
    check(size == len(leaves), f"the export says {size} entries, and there are {len(leaves)}")
    check(bool(notes) and notes[-1].size == size, f"no signed head covers all {size} entries")
    check(all(one.size < other.size for one, other in zip(notes, notes[1:])), "a head does not cover more than the one before")
    kept_head = None if kept is None else read_head(kept, keys)
    tree, done = Tree(), 0
    for head in sorted([*notes, *([kept_head] if kept_head else [])], key=lambda head: head.size):
        check(head.origin == origin, f"the export is of {origin}, and a head is of {head.origin}")
        check(head.size <= size, f"a head, or the one that was kept, covers {head.size} entries, and there are {size}")
        may_sign = any(head.size <= replaced.get(key.text(), UINT64_MAX) for key in head.signers)
        check(may_sign, f"a head of {head.size} entries is signed with a key in whose place another one signs by then")
        while done < head.size:
            tree.append(leaves[done])
            done += 1
        check(tree.root() == head.root, f"the first {head.size} entries are not the ones that were signed, or diverge from the kept head")
    details.expect_none_vanished()
    pinning = "key pinned" if pinned else "key not pinned"
    continuing = f"continues the kept head of {kept_head.size}" if kept_head else "no kept head"
    erased = f"{len(details.erased)} details erased"
    return f"ok: {size} entries of {origin} are as they were signed; {len(notes)} heads; {erased}; {pinning}; {continuing}"


def verify_proof(file: BinaryIO, pinned: list[Key]) -> str:
    check(bool(pinned), "a proof file carries no key: pin one with --key")
    data = file.read(PROOF_FILE_BYTES_MAX + 1)
    check(len(data) <= PROOF_FILE_BYTES_MAX, "the proof file is too long")
    try:
        top, blank, note = data.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Wrong("the proof file is not UTF-8") from None
    lines = top.split("\n")
    check(blank != "" and len(lines) >= 3 and lines[0] == PROOF_HEADER, "this is no proof file, or it is cut off")
    check(lines[1].startswith("extra ") and lines[2].startswith("index "), "the proof file has no entry or no index")
    entry, index = read_base64(lines[1][6:], "the entry"), read_natural(lines[2][6:], "the index")
    path = [read_base64(line, "a hash of the proof") for line in lines[3:]]
    check(len(path) <= 64 and all(len(hash) == 32 for hash in path), "the proof is not one of hashes")
    head = read_head(note, pinned)
    check(index < head.size, f"a log of {head.size} entries has no entry {index}")
    check(root_of_proof(index, head.size, leaf_hash(entry), path) == head.root, "the proof does not lead to the root")
    try:
        read_leaf(entry.decode(), index)
    except UnicodeDecodeError:
        raise Wrong("the entry is not UTF-8") from None
    return f"ok: entry {index} is in {head.origin} as it was signed over {head.size} entries; key pinned"


def read_text(path: str | Path, what: str) -> str:
    try:
        return Path(path).read_bytes().decode()
    except UnicodeDecodeError:
        raise Wrong(f"{what} is not UTF-8") from None


def read_pinned(text: str) -> Key:
    return Key.read((read_text(text, "a key") if os.path.isfile(text) else text).strip())


def verify(path: Path, keys: list[str], kept: Path | None) -> str:
    pinned = [read_pinned(text) for text in keys]
    note = None if kept is None else read_text(kept, "the kept head")
    with path.open("rb") as file:
        is_proof = file.read(len(PROOF_START)) == PROOF_START
        file.seek(0)
        return verify_proof(file, pinned) if is_proof else verify_export(file, pinned, note)


def judge(path: Path, keys: list[str], kept: Path | None) -> str:
    """What is said of a file, on one line that every terminal can show."""
    try:
        said = verify(path, keys, kept)
    except (Wrong, OSError) as error:
        said = f"not as it was signed: {error}"
    return said.replace("\n", " ").encode("ascii", "backslashreplace").decode()


def judge_folder(folder: Path) -> None:
    for path in sorted(folder.glob("*.file")):
        keys, kept = path.with_suffix(".keys"), path.with_suffix(".kept")
        pinned = list(filter(None, keys.read_text("utf-8").split("\n"))) if keys.exists() else []
        print(path.name, judge(path, pinned, kept if kept.exists() else None))


def main() -> int:
    parser = argparse.ArgumentParser(description="A second verifier of Countersign's audit log.")
    parser.add_argument("file", nargs="?", type=Path, help="an export or a proof file")
    parser.add_argument("--key", action="append", default=[], help="a verifier key that you have from elsewhere, or a file with one")
    parser.add_argument("--checkpoint", type=Path, help="a signed head that you kept")
    parser.add_argument("--batch", type=Path, metavar="DIR", help="judge every NAME.file in a folder")
    arguments = parser.parse_args()
    if arguments.batch is not None:
        judge_folder(arguments.batch)
        return 0
    if arguments.file is None:
        parser.error("name a file")
    said = judge(arguments.file, arguments.key, arguments.checkpoint)
    print(said)
    return 0 if said.startswith("ok: ") else 1


if __name__ == "__main__":
    sys.exit(main())
