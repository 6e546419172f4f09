"""What a schema cannot say, and what must not happen to whoever sends the cases: each exception with its reason."""

import json
import os
import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

# Well-formed requests that are 422 nevertheless: the operation, the pointer of the error, its words. Every error of an answer must be
# one of these; anything else is a finding.
INEXPRESSIBLE = [
    # The longest texts are measured in bytes of UTF-8, which is what both databases and every other system count; a schema counts
    # characters.
    (r".*", r".*", r"at most \d+ bytes"),
    # To JSON Schema 4.0 is an integer; the specification refuses it, because it is not written as one.
    (r"POST .*alerts.*", r"/(impact|likelihood|confidence)", r"must be an integer from 1 to 5"),
    # What the context calls a hash is looked at only where the alert itself names none.
    (r"POST .*alerts.*", r"/context/(file_hash|hash)", r"must be an MD5.*"),
    # Cursors are opaque: only those that a list has given are taken, and only for its own order.
    (r"GET .*", r"/cursor", r".*"),
    # Who may be assigned is known to the database only.
    (r"(PATCH|POST) .*(incidents|tasks).*", r"/assignee", r"must be the user name or id of an analyst"),
    # A verdict and its reason come together; the generated code of schemas cannot say so.
    (r"PATCH /api/v1/incidents/\{id\}", r"/verdict_reason", r"(is required with|stands only beside) a verdict"),
    # Where a reason or a verdict is required depends on the state that the incident is in.
    (r"POST .*/transition", r"/(reason|verdict)", r".*"),
    # Playbooks are known to the library only; the specification says 422 for one that is not.
    (r"(GET .*/plan|POST .*/run)", r"/playbook_id", r"there is no playbook"),
    # An incident takes so many of each.
    (r"POST .*/(tasks|evidence)", r"", r"at most \d+ (open )?(tasks|files)"),
    # A file has at least one byte; a schema of binary data has no length.
    (r"POST .*/evidence", r"", r"the file is empty"),
    # Merging an incident with itself, or into one that is not there.
    (r"POST .*/merge", r"/into", r".*"),
    # Names that are taken already.
    (r"(POST|PATCH) /api/v1/(users|api-keys).*", r"/(username|name)", r"is taken.*"),
    (r"(POST|PUT) /api/v1/views.*", r"/name", r"is the name of another view"),
    (r"POST /api/v1/views", r"", r"at most \d+ views"),
    # A typed line has a grammar of its own.
    (r"(POST|PUT) /api/v1/views.*", r"/query", r".*"),
    # Whether a password is one that everybody tries first is no matter of its form; its length is counted in bytes.
    (r".*", r"/(new_)?password", r".*"),
    # Links work once, and those here were never made.
    (r"POST /api/v1/(setup|password)", r"/token", r".*"),
    # A key ends in the future; a revoked one is not changed.
    (r"(POST|PATCH) /api/v1/api-keys.*", r"/expires_at", r"must be in the future"),
    (r"PATCH /api/v1/api-keys/\{id\}", r"", r"a revoked key cannot be changed.*"),
    # Nobody takes the last admin away, nor their own right to administer.
    (r"PATCH /api/v1/users/\{id\}", r"/(roles|enabled)", r".*admin.*"),
    # How many entries the log has is known to the database only.
    (r"GET /api/v1/audit/proof/.*", r"/(seqs?|size|from|to)", r"must be (the seq of an entry within the size|at most .*)"),
    # Nothing but white space is no text. The patterns of JSON Schema (ECMA-262) do not count U+0085 as white space; Unicode does.
    (r".*", r".*", r"must be at least 1 characters long"),
    # A playbook is YAML with a schema and a grammar of its own, which are served at /api/v1/playbooks/schema.
    (r"PUT /api/v1/playbooks/\{id\}", r".*", r".*"),
]

# Ids of the people, keys and sessions that the cases are sent with: whoever changes or ends those would test nothing afterwards.
PROTECTED = set(json.loads(os.environ.get("COUNTERSIGN_PROTECTED", "[]")))


@schemathesis.hook
def filter_case(context, case):
    """Leaves out cases that would change or end what the others are sent with."""
    return case.method.upper() == "GET" or PROTECTED.isdisjoint((case.path_parameters or {}).values())


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is no fault of the API: see the functions below."""
    if isinstance(failure, RejectedPositiveData):
        return not is_refused_for_what_no_schema_tells(case, response)
    if isinstance(failure, AcceptedNegativeData):
        return not is_refused_item_by_item(case, response)
    return True


def is_refused_for_what_no_schema_tells(case, response):
    """Is every error of this refusal one of the exceptions?"""
    if response.status_code == 400 and response.request.headers.get("Content-Type", "").startswith("multipart/"):
        # The tester writes names of further parts that no form can have, such as those with control characters.
        return True
    errors = response.json().get("errors", []) if response.status_code == 422 else []
    return bool(errors) and all(is_inexpressible(case.operation.label, error) for error in errors)


def is_refused_item_by_item(case, response):
    """A batch is taken although it has bad alerts: each of those is refused in the result of its own."""
    if case.operation.label != "POST /api/v1/alerts/batch" or response.status_code != 200:
        return False
    return any(result["status"] >= 400 for result in response.json()["results"])


def is_inexpressible(label, error):
    """Is this error one of the exceptions?"""
    return any(
        re.fullmatch(operation, label) and re.fullmatch(pointer, error["pointer"]) and re.search(detail, error["detail"])
        for operation, pointer, detail in INEXPRESSIBLE
    )
