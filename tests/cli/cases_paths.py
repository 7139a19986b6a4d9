"""Routing data: what bgpdump prints, whose path it is, and what a record says of it."""
import glob
import json
import os
import shutil
import subprocess

import jsonschema
from user import bordertap, kaspersky, root, same, true, write

data = os.path.join(root, "tests", "data", "paths")
table = os.path.join(data, "routeviews-v4-20140523.0600-first1200.mrt.gz")
ours_by_intent = {"bird6_bgp.mrt"}  # bgpdump makes lines from prefixes of more than 128 bits


def case_dump_is_what_bgpdump_prints():
    if not shutil.which("bgpdump"):
        print("bgpdump is not installed: its lines are compared with those kept from it only")
        return
    for path in sorted(glob.glob(os.path.join(data, "*"))):
        name = os.path.basename(path)
        if name.endswith((".txt", ".txt.gz", "ORIGIN")) or name in ours_by_intent:
            continue
        oracle = subprocess.run(["bgpdump", "-m", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        true(bordertap("paths", "dump", path).out == oracle.stdout.decode(), f"{name}: lines differ from bgpdump's")


def case_damage_is_named_with_file_and_offset():
    path = os.path.join(data, "bird_bgp.mrt")
    run = bordertap("paths", "dump", path).exits(1)
    same(run.err, f"bordertap: {path}: offset 390: a prefix is longer than an address, or cut\n"
                  f"bordertap: {path}: and 5 more: a prefix is longer than an address, or cut\n", "complaints")
    run = bordertap("paths", "dump", os.path.join(data, "openbgpd_rib_table-mp.mrt")).exits(1).prints_nothing()
    true("offset 0: " in run.err and "dump it as TABLE_DUMP_V2" in run.err, run.err)


def case_what_is_no_mrt_file_is_refused():
    bordertap("paths", "dump", kaspersky).exits(1).says("no MRT file")
    bordertap("lookup", "--paths", kaspersky, "1.2.4.8").exits(1).says("no path data")
    bordertap("lookup", "--paths", "/no/such/file", "1.2.4.8").exits(1).says("/no/such/file: cannot be read")


def case_choices_are_checked():
    bordertap("lookup", "--paths", table, "--rib-peer", "six", "1.2.4.8").exits(2).says("'six' is no peer", "AS6939")
    bordertap("lookup", "--rib-peer", "AS6939", "1.2.4.8").exits(2).says("--rib-peer", "--paths")
    bordertap("lookup", "--paths", table, "--upstream-asn", "ASx", "1.2.4.8").exits(2).says("--upstream-asn")
    bordertap("paths").exits(2).says("dump, show or status")
    bordertap("paths", "sohw").exits(2).says("did you mean 'show'?")
    bordertap("paths", "show", "1.2.4.8").exits(2).says("--paths FILE")


def transit(*options):
    run = bordertap("lookup", "--format", "json", *options, "1.2.4.8").exits(0)
    record = run.records("lookup")[0]
    with open(os.path.join(root, "docs", "record.schema.json"), encoding="utf-8") as file:
        jsonschema.validate(record, json.load(file))
    return record["jurisdiction"]["transit"]


def case_a_collectors_table_says_what_to_do():
    found = transit("--paths", table)
    same(found["status"], "unknown", "status")
    true("--rib-peer" in found["reason"] and "--upstream-asn" in found["reason"], found["reason"])
    true("grade" not in found, "no grade without a path")


def case_the_path_of_a_chosen_peer_is_told():
    found = transit("--paths", table, "--rib-peer", "AS6939")
    same(found["as_path"], [6939, 58453, 9808, 24409], "path")
    same([c["asn"] for c in found["carriers"]], [58453, 9808], "carriers")
    same((found["grade"], found["rib"]), ("T2", "2014-05-23T06:00:00.000000Z"), "grade, one less by age")
    true(found["degraded"].endswith("days old"), found["degraded"])
    same(found["reverse"], "reverse path not observable", "way back")


def case_status_and_show_tell_the_same():
    bordertap("paths", "status", "--paths", table, "--rib-peer", "AS6939").exits(0).prints(
        "table, 35 peers, 1196 prefixes", "our own table", "1196 prefixes in use")
    bordertap("paths", "show", "--paths", table, "--rib-peer", "AS6939", "1.2.4.8").exits(0).prints(
        "AS58453", "6939 58453 9808 24409", "1.2.4.0/24", "reverse path not observable")
    run = bordertap("paths", "show", "--format", "json", "--paths", table, "--rib-peer", "AS6939", "1.2.4.8").exits(0)
    same(run.records("path")[0]["candidates"][0]["as_path"], "6939 58453 9808 24409", "candidate")


def case_version_and_summary_tell_of_path_data():
    write("trace.jsonl", '{"type":"trace","dst":"5.0.0.9","start":{"sec":1600000000,"usec":0},'
                         '"hops":[{"addr":"2.0.0.1","probe_ttl":1}]}\n{"type":\n')
    run = bordertap("version", "--paths", "trace.jsonl").exits(0)
    true("path data, 2020-09-13T12:26:40.000000Z, traceroutes: 1 traceroute\n  trace.jsonl\n" in run.out, run.out)
    summary = bordertap("read", "--format", "json", "--paths", "trace.jsonl", kaspersky).records("summary")[0]
    same(summary["counters"]["traceroutes"]["bad_json"], 1, "records refused")
    same(summary["counters"]["paths"]["traceroutes"], 1, "traceroutes")
    true("exchanges" in summary["counters"] and "geo" in summary["counters"], "groups of counters")
