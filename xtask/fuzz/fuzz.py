"""Fuzzes a running demo server as every caller until so many cases were sent; ends badly if anything was found.

Usage: fuzz.py URL CREDENTIALS CASES REPORTS
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
# In this order: an admin may change what the others see.
PEOPLE = ["analyst", "approver", "auditor", "admin"]
KEYS = ["source", "reader"]
# Cases of each operation that are drawn by chance, in the first round and in each further one; many more are derived from the schemas.
EXAMPLES = [5, 10, 20, 40]
# Incidents to ask about, one of each.
TYPES = ["brute_force", "phishing", "malware", "suspicious_ip", "ransomware"]


class Api:
    """What the driver itself asks of the server."""

    def __init__(self, url):
        self.url = url

    def ask(self, method, path, header=None, body=None):
        """The answer's JSON and its headers."""
        headers = dict([header] if header else [], **{"Content-Type": "application/json"})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null"), answer.headers

    def sign_in(self, person):
        """The header of a new session."""
        credentials = {"username": person["username"], "password": person["password"]}
        _, headers = self.ask("POST", "/api/v1/session", body=credentials)
        return "Cookie", headers["Set-Cookie"].split(";")[0]


def callers(api, credentials):
    """Name and header of every caller, for every round: fuzzing signing in has it throttled."""
    people = {person["username"]: person for person in credentials["users"]}
    keys = {key["name"]: key["key"] for key in credentials["api_keys"]}
    rounds = []
    for _ in EXAMPLES:
        named = [("nobody", None)]
        named += [(f"key {name}", ("Authorization", f"Bearer {keys[name]}")) for name in KEYS]
        named += [(name, api.sign_in(people[name])) for name in PEOPLE]
        rounds.append(named)
    return rounds


def prepare(api, credentials):
    """Something to ask about."""
    key = next(key["key"] for key in credentials["api_keys"] if key["name"] == "source")
    for kind in TYPES:
        alert = {"incident_type": kind, "severity": "high", "src_ip": "203.0.113.7", "username": "admin", "hostname": f"ws-{kind}"}
        api.ask("POST", "/api/v1/alerts", ("Authorization", f"Bearer {key}"), alert)


def protected(api, admin):
    """Ids of what the cases are sent with."""
    lists = ["/api/v1/users?limit=200", "/api/v1/api-keys?limit=200", "/api/v1/sessions?owner=everybody&limit=200"]
    return [item["id"] for path in lists for item in api.ask("GET", path, admin)[0]["items"]]


def fuzz(url, header, examples, report):
    """One run as one caller: its report, or None if it did not come to an end."""
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{url}/api/v1/openapi.json", "--url", url, "--no-color", "--warnings", "off",
        "--max-examples", str(examples), "--report-json-path", str(report),
    ]
    command += ["--header", ": ".join(header)] if header else []
    subprocess.run(command, cwd=HERE)
    return json.loads(report.read_text()) if report.exists() else None


def still_known(api, header):
    """Is the caller still who it was?"""
    if header is None or header[0] != "Cookie":
        return True
    try:
        api.ask("GET", "/api/v1/session", header)
        return True
    except urllib.error.HTTPError:
        return False


def main():
    url, credentials, wanted, reports = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3]), Path(sys.argv[4])
    api, started, cases, faults = Api(url), time.monotonic(), {}, []
    prepare(api, credentials)
    rounds = callers(api, credentials)
    os.environ["COUNTERSIGN_PROTECTED"] = json.dumps(protected(api, dict(rounds[0])["admin"]))
    for number, (examples, named) in enumerate(zip(EXAMPLES, rounds)):
        for name, header in named:
            print(f"\n=== {name}, round {number + 1}", flush=True)
            report = fuzz(url, header, examples, reports / f"{name.replace(' ', '-')}-{number + 1}.json")
            cases[name] = cases.get(name, 0) + (report["test_cases"]["generated"] if report else 0)
            if not report or report["exit_code"] != 0:
                faults.append(f"{name} in round {number + 1}")
            if not still_known(api, header):
                faults.append(f"the session of {name} ended in round {number + 1}")
        if sum(cases.values()) >= wanted or faults:
            break
    print("\n" + "\n".join(f"{count:7} cases as {name}" for name, count in cases.items()))
    print(f"{sum(cases.values()):7} cases in {time.monotonic() - started:.0f} s; found: {'; '.join(faults) or 'nothing'}")
    sys.exit(1 if faults or sum(cases.values()) < wanted else 0)


if __name__ == "__main__":
    main()
