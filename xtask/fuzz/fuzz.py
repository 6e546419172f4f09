"""Fuzzes a running server as each caller until so many cases were sent; ends badly if anything was found.

Usage: fuzz.py URL CREDENTIALS CASES
"""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE = ["analyst", "approver", "auditor", "admin"]
KEYS = ["source", "reader"]
# Cases of each operation and caller in one round.
EXAMPLES = 40
ROUNDS_MAX = 20


def cookie(url, person):
    """The cookie of a new session."""
    body = json.dumps({"username": person["username"], "password": person["password"]}).encode()
    request = urllib.request.Request(f"{url}/api/v1/session", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Set-Cookie"].split(";")[0]


def callers(url, credentials):
    """Name and header of each caller; nobody has none."""
    people = {person["username"]: person for person in credentials["users"]}
    keys = {key["name"]: key["key"] for key in credentials["api_keys"]}
    named = [(name, f"Cookie: {cookie(url, people[name])}") for name in PEOPLE]
    named += [(f"key {name}", f"Authorization: Bearer {keys[name]}") for name in KEYS]
    return [("nobody", None), *named]


def fuzz(url, header, seed):
    """One round as one caller: how many cases, and whether nothing was found."""
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{url}/api/v1/openapi.json", "--url", url,
        "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", str(seed),
        "--continue-on-failure", "--request-timeout", "30", "--warnings", "off",
    ]
    command += ["--header", header] if header else []
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(run.stdout, flush=True)
    counted = re.search(r"([\d,]+) generated", run.stdout)
    return int(counted[1].replace(",", "")) if counted else 0, run.returncode == 0


def main():
    url, credentials, wanted = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    total, failed = 0, []
    for number in range(ROUNDS_MAX):
        for name, header in callers(url, credentials):
            print(f"\n=== round {number + 1}, {name}", flush=True)
            cases, passed = fuzz(url, header, number)
            total += cases
            failed += [] if passed else [f"{name} in round {number + 1}"]
        if total >= wanted or failed:
            break
    print(f"{total} cases; {'nothing found' if not failed else 'found something as ' + ', '.join(failed)}")
    sys.exit(1 if failed or total < wanted else 0)


if __name__ == "__main__":
    main()
