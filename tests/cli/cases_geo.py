"""geo status and geo compare."""
import json
import os
import signal
import struct
import subprocess
import time

import user
from user import bordertap, root, same, true, write

GEO = os.path.join(root, "tests/data/geo")


def case_geo_status_lists_every_source():
    records = bordertap("geo", "status", "--format", "json", "--geo", GEO).exits(0).says_nothing().records()
    databases = {(r["name"], r["role"]): r for r in records if r["type"] == "geo-database"}
    dbip = databases["DB-IP Lite Country", "location"]
    same((dbip["edition"], dbip["provider"], dbip["is_stale"]), ("2026-06-01", "DB-IP", True), "DB-IP's file")
    true("db-ip.com" in dbip["licence"], dbip["licence"])
    true(("GeoLite2 Country", "registration") in databases and ("GeoIP2", "asn") in databases, list(databases))
    same(records[-1]["type"], "geo-status", "the last record")
    bordertap("geo", "status", "--geo", GEO).exits(0).says_nothing().prints("role        location, provider DB-IP",
                                                                            "days old", "of announced IPv4", "licence     IP Geo")


def case_geo_status_without_data():
    bordertap("geo", "status").exits(0).says_nothing().prints("role        parent")


def case_geo_status_names_what_was_left_out():
    os.makedirs("data")
    write("data/asn-ipv4.csv", "5.0.0.0,5.0.0.255,7,X\n5.0.1.0,bad,7,X\n")
    write("data/location.db", "LOCDBXX\1")
    write("data/overrides.yaml", "overrides:\n- {prefix: 8.8.8.0/24, country: US, axis: location, author: a, reason: r,"
          " expires: 2020-01-01}\n")
    run = bordertap("geo", "status", "--geo", "data").exits(0)
    run.prints("refused     1 line passed over, the first is line 2 (bad_address)", "left out: data/location.db: offset",
               "left out: data/overrides.yaml:2: the override of 8.8.8.0/24 by a expired on 2020-01-01")


def case_geo_compare_tells_disputes_of_policy_countries():
    files = [os.path.join(GEO, name) for name in ("dbip-country.mmdb", "GeoLite2-Country.mmdb")]
    arguments = ["geo", "compare", "--geo", files[0], "--geo", files[1]]
    bordertap(*arguments).exits(0).says_nothing().prints("DB-IP Lite Country RU, GeoLite2 Country CH", "77.74.176.0")
    records = bordertap(*arguments, "--format", "json").exits(0).says_nothing().records("geo-dispute")
    true(all(any(a["country"] in ("RU", "CN") for a in r["answers"]) for r in records) and records, records)
    bordertap(*arguments, "--policy", "eu-high-risk-suppliers").exits(0).prints("no range in which they name different")
    bordertap("geo", "compare", "--geo", files[0]).exits(1).says("two providers")


def case_geo_takes_one_word():
    for words in ([], ["update"], ["status", "compare"]):
        bordertap("geo", *words).exits(2).says("status or compare")
    bordertap("geo", "status", "--format", "csv").exits(2).says("text and json")


def what_is_found(*geo):
    found = bordertap("read", "-q", "--format", "json", *geo, user.desktop).exits(0).records("finding")
    return {(f["id"], f["severity"], f["rule"], str(f["flagged"])) for f in found}


def case_a_planted_geofeed_makes_no_finding_and_hides_none():
    write("evil-geofeed.csv", "35.166.183.0/24,RU,,,\n")
    write("kind-geofeed.csv", "35.166.183.0/24,US,,,\n")
    for place in ("US", "RU"):
        write("dbip-country.csv", f"35.166.183.0,35.166.183.255,{place}\n")
        without = what_is_found("--geo", "dbip-country.csv")
        for geofeed in ("evil-geofeed.csv", "kind-geofeed.csv"):
            same(what_is_found("--geo", geofeed, "--geo", "dbip-country.csv"), without, f"findings with {geofeed}")
    same(what_is_found("--geo", "evil-geofeed.csv"), what_is_found(), "findings with a geofeed alone")
    bordertap("lookup", "--geo", "evil-geofeed.csv", "35.166.183.1").exits(0).prints(
        "unknown    only a geofeed names a country", "location RU by geofeed evil-geofeed: what the holder of the prefix says")


def case_override_shows_in_the_answer():
    write("overrides.yaml", "overrides:\n- {prefix: 77.74.176.0/22, country: CH, axis: location, author: noc@example.net,"
          " reason: moved in May, expires: 2099-01-01}\n")
    run = bordertap("lookup", "--geo", "overrides.yaml", "--geo", GEO, "77.74.177.233").exits(0).says_nothing()
    run.prints("override by noc@example.net until 2099-01-01: moved in May")
    write("overrides.yaml", "overrides:\n- {prefix: 77.74.176.0/22, country: CH, axis: location, expires: 2099-01-01}\n")
    bordertap("lookup", "--geo", "overrides.yaml", "77.74.177.233").exits(1).says("overrides.yaml:2", "author and reason")


def udp_packet(second, port):
    """A datagram from 10.0.0.1 to 5.0.0.1, from a source port of its own: a flow of its own."""
    payload = b"hello"
    udp = struct.pack(">HHHH", port, 9999, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), port, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([5, 0, 0, 1]))
    frame = bytes(12) + b"\x08\x00" + ip + udp
    return struct.pack("<IIII", 1780272000 + second, 0, len(frame), len(frame)) + frame


def read_while(change, workers):
    """Reads packets as they come; after some of them @change is called. Returns countries told, in order, and stderr."""
    ran = subprocess.Popen([user.program, "read", "--format", "json", "--flows", "--workers", workers, "--geo", "dbip-country.csv", "-"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=user.environment)
    ran.stdin.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for second in range(80):
        ran.stdin.write(udp_packet(second * 400, 20000 + second))  # longer than a flow lives: each is told by itself
        ran.stdin.flush()
        if second == 9:
            time.sleep(0.2)
            change(ran)
        time.sleep(0.05)
    out, err = ran.communicate(timeout=60)
    same(ran.returncode, 0, err)
    flows = [json.loads(line) for line in out.splitlines()]
    places = [tuple(f["jurisdiction"]["location"]["countries"]) for f in flows if f["type"] == "flow"]
    return places, err.decode()


def rewrite_and(path, text, ran, is_asked):
    write(path + ".new", text)
    os.rename(path + ".new", path)
    if is_asked:
        ran.send_signal(signal.SIGHUP)


OLD, NEW = "5.0.0.0,5.0.0.255,RU\n5.0.2.0,5.0.2.255,DE\n", "5.0.0.0,5.0.0.255,NL\n5.0.2.0,5.0.2.255,RU\n"


def case_geo_is_loaded_anew_on_hangup_and_when_a_file_changes():
    for is_asked, workers in ((True, "1"), (False, "2")):
        write("dbip-country.csv", OLD)
        places, err = read_while(lambda ran: rewrite_and("dbip-country.csv", NEW, ran, is_asked), workers)
        true(err.count("\n") >= 1 and "the address databases were loaded anew" in err, err)
        same((places[0], places[-1], len(places)), (("RU",), ("NL",), 80), "location before and after, and flows")


def case_geo_that_is_damaged_meanwhile_does_not_replace_what_is_loaded():
    write("dbip-country.csv", OLD)
    places, err = read_while(lambda ran: rewrite_and("dbip-country.csv", "garbage\n", ran, True), "2")
    true("dbip-country.csv: line 1" in err and "the databases that are loaded stay" in err, err)
    same(set(places), {("RU",)}, "location")
