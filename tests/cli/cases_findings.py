"""`--store` and `findings`: what outlives a run, however it ends, and who answers for it."""
import contextlib
import datetime
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time

import user
from user import bordertap, desktop, kaspersky, packets_of, same, true, write

home = ["--home-net", "128.3.0.0/16"]
agent = "f-8b219c79df7108ea"
day = 86400


def read(*arguments, **streams):
    return bordertap("read", *home, "--store", "s.db", "--format", "json", *arguments, **streams)


def findings(*arguments):
    return bordertap("findings", *arguments, "--store", "s.db")


def kept(*arguments):
    return findings("list", "--all", "--format", "json", *arguments).exits(0).says_nothing().records("kept-finding")


def until(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def accept(days=30, name=agent):
    return findings("accept", name, "--owner", "it-security", "--reason", "goes in March", "--until", until(days))


def at_time(pcap, first_sec, host=None):
    """The packets of a capture as if its first second were @first_sec, and its host's last two bytes @host."""
    header, packets = packets_of(pcap)
    start = struct.unpack_from("<I", packets[0])[0]
    moved = [struct.pack("<I", struct.unpack_from("<I", p)[0] - start + first_sec) + p[4:] for p in packets]
    if host is not None:
        moved = [p.replace(b"\x80\x03\x74\x80", b"\x80\x03" + struct.pack(">H", host)) for p in moved]
    return header, moved


def capture(pcap, first_sec, host=None):
    header, packets = at_time(pcap, first_sec, host)
    return header + b"".join(packets)


def actions(run):
    return [(r["action"], r["event_id"].rsplit("-", 1)[1]) for r in run.records("finding")]


# ---- what outlives a run ----

def case_findings_are_opened_once():
    with open(kaspersky, "rb") as file:
        packets = file.read()
    same(actions(read("-", stdin=packets).exits(0).says_nothing()), [("opened", "1")], "first run")
    run = read("-", stdin=packets).exits(0).says_nothing()
    same(actions(run), [("updated", "2")], "second run")
    record = run.records("finding")[0]
    same(record["counters"]["flows"], 2, "flows")
    same(record["counters"]["bytes_out"], 2 * 892, "bytes")
    same(record["counters"]["remotes"], 1, "remotes")
    same(run.records("summary")[0]["findings"]["critical"], 1, "findings of the run")
    same(kept()[0]["counters"], record["counters"], "what the store holds")


def case_findings_of_other_runs_are_not_this_runs():
    read(kaspersky).exits(0)
    run = read(desktop).exits(0)
    true(all(r["id"] != agent for r in run.records("finding")), "told without being seen")
    same(run.records("summary")[0]["findings"]["critical"], 0, "critical findings of the run")
    same([h["host"]["ip"] for h in run.records("host") if h["host"]["ip"].startswith("128.")], [], "hosts of the run")


def case_findings_of_a_file_count_once():
    read(kaspersky).exits(0).says_nothing()
    run = read(kaspersky).exits(0).says("passed over", "was read into s.db", "would count twice")
    same(run.records("summary")[0]["packets"], 0, "packets")
    os.mkdir("folder")
    shutil.copy(kaspersky, "folder/renamed.pcap")
    write("folder/new.pcap", capture(kaspersky, 1600000000))
    run = read("folder").exits(0).says("folder/renamed.pcap: passed over")
    same(run.records("summary")[0]["packets"], 15, "packets of the new one")
    same(kept()[0]["counters"]["flows"], 2, "flows")
    read("-q", "folder").exits(0).says_nothing()


def case_findings_of_a_catalogue_that_lost_a_product():
    read(kaspersky).exits(0)
    with contextlib.closing(sqlite3.connect("s.db", isolation_level=None)) as db:
        db.execute("UPDATE findings SET product='gone', vendor='gone'")
    run = read(desktop).exits(0)
    same(run.records("summary")[0]["counters"]["store"]["findings_of_unknown_products"], 1, "counted")
    same([f["product"]["id"] for f in kept("--product", "gone")], ["gone"], "still there")


# ---- killed ----

def stream(hosts):
    """One agent on each of many hosts, a second apart."""
    header, records = packets_of(kaspersky)[0], []
    for i in range(hosts):
        records += at_time(kaspersky, 1600000000 + i, 0x7480 + i)[1]
    return header, records


def start(*arguments):
    with open("out.json", "ab") as out, open("err.txt", "ab") as err:
        return subprocess.Popen([user.program, "read", *home, "--store", "s.db", "--format", "json", "-q", *arguments],
                                stdin=subprocess.PIPE, stdout=out, stderr=err, env=user.environment)


def case_findings_survive_kill_9():
    chance, hosts = random.Random(6), 60
    header, records = stream(hosts)
    for _ in range(20):
        run = start("-")
        run.stdin.write(header + b"".join(records[:chance.randrange(len(records))]))
        run.stdin.flush()
        time.sleep(chance.random() * 0.05)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdin.close()
    run = start("-")
    run.communicate(header + b"".join(records), timeout=60)
    same(run.returncode, 0, "the last run")
    told = {}
    with open("out.json", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for record in lines:
        if record["type"] == "finding":
            true(told.setdefault(record["event_id"], record) == record, f"two records are {record['event_id']}")
    opened = [r["id"] for r in told.values() if r["action"] == "opened"]
    same(len(opened), hosts, "records `opened`")
    same(len(set(opened)), hosts, "findings opened")
    for name in opened:
        numbers = sorted(int(r["event_id"].rsplit("-", 1)[1]) for r in told.values() if r["id"] == name)
        same(numbers, list(range(1, len(numbers) + 1)), f"records of {name}")


def case_findings_of_a_file_count_once_in_spite_of_kill_9():
    chance, (header, records) = random.Random(7), stream(200)
    write("many.pcap", header + b"".join(records))
    for _ in range(8):
        run = start("many.pcap")
        time.sleep(chance.random() * 0.3)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdin.close()
    read("-q", "many.pcap").exits(0)
    same({f["counters"]["flows"] for f in kept()}, {1}, "flows of each finding")
    same({f["counters"]["bytes_in"] for f in kept()}, {5382}, "bytes of each finding")
    same(len(kept()), 200, "findings")


# ---- list, show ----

def case_findings_list_and_show():
    read(kaspersky, desktop).exits(0)
    said = findings("list").exits(0).says_nothing().prints("critical  " + agent, "Kaspersky on 128.3.116.128", "1 flow")
    true("info " not in said.out, "what is below medium was not asked for")
    all_of_them = kept()
    true(len(all_of_them) > 1, "all of them")
    same(len(kept("--host", "128.3.116.128")), 1, "of the host")
    same([f["id"] for f in kept("--product", "kaspersky")], [agent], "of the vendor")
    same(len(kept("--severity", "critical")), 1, "critical ones")
    findings("show", agent).exits(0).says_nothing().prints("open, critical", "opened critical of 2018-08-07", "1. What was seen",
                                                           "94.75.236.123:80", "BOD 17-01")
    whole = findings("show", agent, "--format", "json").exits(0).records()[0]
    same(whole["record"]["event_id"], agent + "-1", "the last record")
    same([t["action"] for t in whole["told"]], ["opened"], "history")
    findings("show", "f-0000000000000000").exits(1).says("no finding")


def case_findings_says_how_it_is_used():
    bordertap("findings", "list").exits(2).says("--store FILE")
    findings().exits(2).says("findings takes")
    findings("list").exits(1).says("no such file")
    true(not os.path.exists("s.db"), "looking at a store does not make one")
    read(kaspersky)
    findings("list", "--host", "nobody").exits(2).says("no address")
    findings("list", "--format", "xml").exits(2).says("text or json")
    findings("accept", agent).exits(2).says("needs an owner")


def case_findings_records_are_as_the_schema_says():
    now = int(time.time())
    lines = read(kaspersky, desktop).exits(0).bytes
    accept(2).exits(0)
    accept(1).exits(0)
    lines += findings("list", "--all", "--format", "json").bytes + findings("show", agent, "--format", "json").bytes
    lines += read("-", stdin=capture(kaspersky, now)).exits(0).bytes + read("-", stdin=capture(desktop, now + 3 * day)).exits(0).bytes
    lines += findings("show", agent, "--format", "json").bytes
    check = subprocess.run([sys.executable, os.path.join(user.root, "tests/jsonl-check.py"),
                            os.path.join(user.root, "docs/record.schema.json"), "-"], input=lines, capture_output=True, env=user.environment)
    same(check.returncode, 0, check.stdout.decode()[:2000])
    true(b'"expired":true' in lines and b'"ended_why":"replaced"' in lines, "not all was seen")


# ---- exceptions ----

def case_findings_somebody_answers_for_alarm_nobody():
    with open(kaspersky, "rb") as file:
        packets = file.read()
    read("--fail-on", "high", "-", stdin=packets).exits(3)
    accept().exits(0).prints(agent, "accepted until " + until(30))
    findings("list").exits(0).prints("accepted by it-security until " + until(30) + ": goes in March")
    record = read("--fail-on", "high", "-", stdin=packets).exits(0).records("finding")[0]
    same(record["accepted"], {"owner": "it-security", "reason": "goes in March", "until": until(30), "expired": False}, "accepted")
    shown = findings("show", agent, "--format", "json").records()[0]["exceptions"]
    same([e["owner"] for e in shown], ["it-security"], "recorded")
    true(shown[0]["accepted_by"] and shown[0]["accepted_at"].startswith("20"), "with who and when")
    findings("accept", agent, "--withdraw").exits(0).prints("withdrawn")
    findings("accept", agent, "--withdraw").exits(1).says("no exception is in force")
    run = read("--fail-on", "high", "-", stdin=packets).exits(3)
    true("accepted" not in run.records("finding")[0], "accepted after it was withdrawn")


def case_findings_somebody_answers_for_are_hidden_in_text():
    """One that gets worse: high at first, for what was seen in another capture."""
    read(kaspersky).exits(0)
    with contextlib.closing(sqlite3.connect("s.db", isolation_level=None)) as db:
        db.execute("UPDATE findings SET severity='high', told_severity='high'")
    accept().exits(0)
    shutil.copy("s.db", "t.db")
    with open(kaspersky, "rb") as file:
        packets = file.read()
    said = bordertap("read", *home, "--store", "s.db", "-", stdin=packets).exits(0)
    true("CRITICAL" not in said.out, "shown")
    said.prints("1 accepted not shown: --accepted shows them")
    bordertap("read", *home, "--store", "t.db", "--accepted", "-", stdin=packets).exits(0).prints(
        "CRITICAL", "accepted    by it-security until " + until(30) + ": goes in March")


def case_findings_exceptions_end():
    now = int(time.time())
    read(kaspersky).exits(0)
    accept(1).exits(0)
    accept(400).exits(2).says("more than a year")
    accept(-1).exits(2).says("is over")
    accept(5, "f-0000000000000000").exits(1).says("no finding")
    run = read("--fail-on", "high", "-", stdin=capture(kaspersky, now + 3 * day)).exits(3)
    told = run.records("finding")
    same([(r["action"], r.get("accepted", {}).get("expired")) for r in told if r["event_id"] == agent + "-2"],
         [("updated", True)], "the end")
    true("accepted" not in told[-1] or told[-1]["accepted"]["expired"], "accepted after the end")
    same(findings("show", agent, "--format", "json").records()[0]["exceptions"][0]["ended_why"], "expired", "why it ended")


def case_findings_exceptions_end_of_what_is_not_seen_any_more():
    now = int(time.time())
    read(kaspersky).exits(0)
    accept(1).exits(0)
    shutil.copy("s.db", "t.db")
    later = capture(desktop, now + 3 * day)
    run = read("--fail-on", "critical", "-", stdin=later).exits(3)
    told = [r for r in run.records("finding") if r["id"] == agent]
    same([(r["event_id"], r["action"], r["accepted"]["expired"]) for r in told], [(agent + "-2", "updated", True)], "the end")
    same([r for r in read("-", stdin=later).records("finding") if r["id"] == agent], [], "told once")
    bordertap("read", "--store", "t.db", "-", stdin=later).exits(0).prints("CRITICAL  Kaspersky on 128.3.116.128",
                                                                          "by it-security until", "which is over", agent + "-2")


def wait_for(condition, what):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError(f"waited too long for {what}")


def case_findings_accept_works_beside_a_run():
    run = start("-")
    header, first = at_time(kaspersky, 1600000000)
    more = [p for sec in (1600000100, 1600000200) for p in at_time(kaspersky, sec)[1]]
    run.stdin.write(header + b"".join(first + more))
    run.stdin.flush()
    wait_for(lambda: b'"opened"' in user.contents("out.json"), "the finding")
    accept().exits(0)
    read(desktop).exits(1).says("another run writes to it", "going on without it")
    time.sleep(1.2)
    for sec in (1600000300, 1600000400):  # packet time goes on, and the store is looked at
        run.stdin.write(b"".join(at_time(kaspersky, sec)[1]))
        run.stdin.flush()
        time.sleep(1.2)
    run.communicate(timeout=30)
    with open("out.json", encoding="utf-8") as file:
        last = [r for r in map(json.loads, file) if r["type"] == "finding"][-1]
    same((last["action"], last["accepted"]["owner"]), ("updated", "it-security"), "the last record")
    same(kept()[0]["counters"]["flows"], 5, "flows")


# ---- trouble ----

def goes_on_without(*words):
    run = read(kaspersky).exits(1).says("going on without it", *words)
    same(actions(run), [("opened", "1")], "findings are told")


def case_findings_go_on_without_a_bad_store():
    os.mkdir("s.db")
    goes_on_without("a directory")
    os.rmdir("s.db")
    write("s.db", "no database, only words. " * 20)
    goes_on_without("no store of bordertap's")
    os.remove("s.db")
    with contextlib.closing(sqlite3.connect("s.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE t(a)")
    goes_on_without("a database of another program")
    os.remove("s.db")
    read(kaspersky).exits(0)
    with contextlib.closing(sqlite3.connect("s.db", isolation_level=None)) as db:
        db.execute("PRAGMA user_version=9")
    goes_on_without("version 9", "use a newer bordertap")
    findings("list").exits(1).says("version 9")


def case_findings_go_on_when_the_disk_is_full():
    os.mkdir("small")
    script = 'mount -t tmpfs -o size=128k none small && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return  # no namespaces here
    header, records = stream(60)
    ended = subprocess.run([*command, user.program, "read", *home, "--store", "small/s.db", "--format", "json", "-"],
                           input=header + b"".join(records), capture_output=True, env=user.environment, timeout=120)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    same(ended.returncode, 1, f"exit status; it says {ended.stderr}")
    true(b"the disk is full" in ended.stderr and ended.stderr.count(b"\n") == 1, f"it says {ended.stderr}")
    same(len([r for r in told if r.get("action") == "opened"]), 60, "findings told")
    true(told[-1]["counters"]["store"]["writes_failed"] > 0, "counted")
