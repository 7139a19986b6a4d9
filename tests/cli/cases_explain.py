"""`explain`: every step behind a finding, out of its records."""
import json
import os

from user import bordertap, desktop, kaspersky, true

home = ["--home-net", "128.3.0.0/16"]


def told():
    run = bordertap("read", *home, "--format", "json", kaspersky).exits(0)
    return run, [r for r in run.records("finding")][0]["id"]


def case_explain_tells_every_step():
    run, name = told()
    with open("findings.json", "wb") as file:
        file.write(run.bytes)
    said = bordertap("explain", name, "findings.json").exits(0).says_nothing()
    said.prints("1. What was seen", "128.3.116.128:49163", "2. Which product", "/updaters/updater.xml.dif", "Lawrence Berkeley Lab",
                "3. Whose law", "vendor: RU", "transit: unknown: no path data loaded", "4. Can it be read", "HTTP without TLS",
                "5. What the policies say", "15 CFR 791.4", "BOD 17-01", "6. Which rule decided", "flagged-vendor-cleartext-update",
                "purpose: update")


def case_explain_reads_standard_input():
    run, name = told()
    bordertap("explain", name, stdin=run.bytes).exits(0).prints("told 1 time", "opened")
    bordertap("explain", name + "-1", "-", stdin=run.bytes).exits(0).prints("told 1 time")


def case_explain_knows_every_finding_of_a_run():
    run = bordertap("read", "--flag", "US", "--format", "json", desktop).exits(0)
    for record in run.records("finding"):
        bordertap("explain", record["id"], stdin=run.bytes).exits(0).prints(record["id"], record["severity"])


def case_explain_of_an_unknown_id():
    run, name = told()
    bordertap("explain", "f-0000000000000000", stdin=run.bytes).exits(1).says("no finding f-0000000000000000").prints_nothing()
    bordertap("explain", name, stdin=run.bytes[:400]).exits(1).says("no JSON record").prints_nothing()


def case_explain_usage():
    bordertap("explain").exits(2).says("finding's id")
    bordertap("explain", "f-1", "missing.json").exits(1).says("missing.json", "No such file")


def case_explain_of_a_hostile_record():
    """Records are input: names of policies are no paths, control characters do not reach the terminal, fields of any kind or none."""
    os.mkdir("jurisdictions")
    wrong = [{"type": "finding", "id": "f-1", "summary": "\x1b[2J", "verdicts": {"../../etc/passwd": {"vendor": "in"}, "no-such": 1}},
             {"type": "finding", "id": "f-1", "jurisdiction": [], "product": 3, "flow": "x", "flagged": [1, None], "rtt": 7},
             {"type": "finding", "id": "f-1", "rule": "no-rule", "jurisdiction": {"location": {"sources": [1, {"country": 3}]}}}]
    for record in wrong:
        run = bordertap("explain", "f-1", stdin=json.dumps(record).encode() + b"\n").exits(0).says_nothing()
        true("\x1b" not in run.out, "an escape reached the terminal")
    bordertap("explain", "f-1", stdin=json.dumps(wrong[0]).encode()).prints("not at hand")
    bordertap("explain", "f-1", stdin=b'{"id":"f-1",' + b"[" * 100000).exits(1)
