"""What the public specifications say, as far as the audit log needs them; nothing here knows what an entry means.

  RFC 8785                  the one spelling of JSON
  RFC 6962, section 2       the Merkle tree and its proofs
  RFC 8032                  Ed25519
  c2sp.org/signed-note      keys, and the text with its signatures
  c2sp.org/tlog-checkpoint  a signed head
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTE_BYTES_MAX = 16 * 1024
SIGNATURES_MAX = 100
# Objects and lists within each other.
DEPTH_MAX = 127
UINT64_MAX = 2**64 - 1


class Wrong(Exception):
    """The first thing that is wrong; its text is for people."""


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


# JSON: read strictly, and spelled as RFC 8785 wants it.


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    check(len(members) == len(pairs), "an object has a member twice")
    return members


def read_number(text: str) -> int | float:
    """An integer if it is written as one. What no double can hold is no number of RFC 8785."""
    value = float(text)
    check(value not in (float("inf"), float("-inf")), "a number is too large")
    return int(text) if re.fullmatch(r"-?[0-9]+", text) and text != "-0" else value


def refuse_constant(text: str) -> None:
    raise Wrong(f"{text} is not JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=unique_members, parse_int=read_number, parse_float=read_number, parse_constant=refuse_constant
)


def skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def read_value(text: str, start: int) -> tuple[Any, int]:
    """The JSON value that starts there, and where it ends."""
    try:
        return DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"not JSON: {error}") from None


def read_object(text: str) -> dict[str, tuple[Any, str]]:
    """The members of an object: each value, and the text that it was read from."""
    members: dict[str, tuple[Any, str]] = {}
    at = skip_space(text, 0)
    check(text[at : at + 1] == "{", "not an object of JSON")
    at = skip_space(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = read_value(text, at)
        check(isinstance(name, str) and name not in members, "a member without a name, or one that is there twice")
        at = skip_space(text, at)
        check(text[at : at + 1] == ":", "a member without a value")
        start = skip_space(text, at + 1)
        value, end = read_value(text, start)
        members[name] = (value, text[start:end])
        at = skip_space(text, end)
        if text[at : at + 1] == ",":
            at = skip_space(text, at + 1)
            check(text[at : at + 1] != "}", "a comma before the end of an object")
        else:
            check(text[at : at + 1] == "}", "an object without an end")
    check(skip_space(text, at + 1) == len(text), "something stands after an object")
    return members


def canonical_number(value: int | float) -> str:
    """RFC 8785, section 3.2.2.3: as ECMAScript writes the double, with the fewest digits that lead back to it."""
    double = float(value)
    if double == 0:
        return "0"
    sign, tuple_of_digits, exponent = Decimal(repr(double)).as_tuple()
    all_digits = "".join(map(str, tuple_of_digits))
    digits = all_digits.rstrip("0")
    # The value is 0.DIGITS times ten to the power of `point`.
    point = len(all_digits) + int(exponent)
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return ("-" if sign else "") + text


def canonical(value: Any, depth: int = 0) -> str:
    """RFC 8785. Python escapes in a string what ECMAScript escapes there."""
    check(depth < DEPTH_MAX or not isinstance(value, (dict, list)), "JSON nests too deeply")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name], depth + 1)}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return canonical_number(value)
    return json.dumps(value, ensure_ascii=False)


def read_canonical(text: str, what: str) -> Any:
    """The value, if this is the one spelling of it."""
    value, _ = read_value(text, 0)
    # Half of a surrogate pair comes from an escape only, so that it cannot be spelled as it was written.
    check(canonical(value) == text, f"{what} is not canonical JSON")
    return value


def is_text(value: Any) -> bool:
    """Text that UTF-8 can hold: no half of a surrogate pair."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def read_base64(text: str, what: str) -> bytes:
    """RFC 4648, section 4, in its one spelling: padded, and with no bits that mean nothing."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"{what} is not base64") from None
    check(base64.b64encode(data).decode() == text, f"{what} is not base64 in its one spelling")
    return data


def read_natural(text: str, what: str) -> int:
    check(re.fullmatch("0|[1-9][0-9]{0,19}", text) is not None and int(text) <= UINT64_MAX, f"{what} is not a number")
    return int(text)


# RFC 6962, section 2: the tree.


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows: the roots of its complete subtrees, the largest first, each with its number of entries."""

    def __init__(self) -> None:
        self.subtrees: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        size, root = 1, leaf
        while self.subtrees and self.subtrees[-1][0] == size:
            root = node_hash(self.subtrees.pop()[1], root)
            size *= 2
        self.subtrees.append((size, root))

    def root(self) -> bytes:
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        root = self.subtrees[-1][1]
        for _, left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root


def root_of_proof(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Section 2.1.1 read backwards: PATH(m, D[n]) ends with the root of the half of D[n] that entry m is not in."""
    if size == 1:
        check(not path, "the proof has too many hashes")
        return leaf
    check(len(path) > 0, "the proof has too few hashes")
    left_size = 1 << ((size - 1).bit_length() - 1)
    if index < left_size:
        return node_hash(root_of_proof(index, left_size, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_of_proof(index - left_size, size - left_size, leaf, path[:-1]))


# c2sp.org/signed-note and c2sp.org/tlog-checkpoint: keys and signed heads.

ED25519 = 1
# Unicode's property White_Space, of which no name may have a character.
WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def is_name(text: str) -> bool:
    return text != "" and "+" not in text and not WHITE_SPACE.search(text)


def is_point(encoded: bytes) -> bool:
    """RFC 8032, section 5.1.3: do these bytes decode to a point of the curve? OpenSSL asks only when it verifies."""
    prime = 2**255 - 19
    y, x_is_odd = int.from_bytes(encoded, "little") % 2**255, encoded[31] >> 7
    d = -121665 * pow(121666, -1, prime)
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, prime) % prime
    if x_squared == 0:
        return y < prime and x_is_odd == 0
    return y < prime and pow(x_squared, (prime - 1) // 2, prime) == 1


@dataclass(frozen=True)
class Key:
    name: str
    id: bytes
    public: bytes

    @staticmethod
    def read(text: str) -> Key:
        """name+id+base64 of the type and the public key."""
        name, _, rest = text.partition("+")
        number, _, encoded = rest.partition("+")
        data = read_base64(encoded, "a verifier key")
        check(is_text(name) and is_name(name), "a verifier key has no name")
        check(len(data) == 33 and data[0] == ED25519 and is_point(data[1:]), "a verifier key is not one of Ed25519")
        expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        check(number == expected.hex(), "the id of a verifier key is not that of its bytes")
        return Key(name, expected, data[1:])

    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Head:
    origin: str
    size: int
    root: bytes
    signers: frozenset[Key]


def read_head(note: str, keys: list[Key]) -> Head:
    """A signed head: of the log of these keys, and signed by one of them. Every signature of a known key must be right."""
    check(len(note.encode()) <= NOTE_BYTES_MAX, "a signed head is too long")
    check(not re.search("[\x00-\x09\x0b-\x1f]", note), "a signed head has control characters")
    body, blank, signatures = note.rpartition("\n\n")
    check(blank != "" and signatures.endswith("\n"), "a signed head is a text, an empty line and lines of signatures")
    lines = body.split("\n")
    # Lines after these three are allowed by the specification, but nobody would check them.
    check(len(lines) == 3 and lines[0] != "", "a head is a line each for origin, size and root")
    origin, size, root = lines[0], read_natural(lines[1], "the size of a head"), read_base64(lines[2], "the root of a head")
    check(len(root) == 32, "the root of a head is not a hash")
    signed = signatures[:-1].split("\n")
    check(len(set(signed)) == len(signed), "a line of a head's signatures is there twice")
    signers = frozenset(key for line in signed for key in signers_of(line, (body + "\n").encode(), keys))
    check(signatures.count("\n") <= SIGNATURES_MAX, "a head has too many signatures")
    check(len(signers) > 0, "a head is signed by none of the keys")
    check(all(key.name == origin for key in signers), "a head is signed by a key of another log")
    return Head(origin, size, root, signers)


def signers_of(line: str, text: bytes, keys: list[Key]) -> list[Key]:
    """Which of the keys this signature is of: none, if its key is unknown."""
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    check(mark == "\u2014" and is_name(name), "a line of a signature is a dash, a name and base64")
    data = read_base64(encoded, "a signature")
    check(len(data) > 4, "a signature has no bytes")
    known = [key for key in keys if (key.name, key.id) == (name, data[:4])]
    signers = [key for key in known if key.signed(text, data[4:])]
    check(bool(signers) or not known, f"the signature of {name} is wrong")
    return signers
