"""Newer data while packets are read: what is good is taken, what is not is refused, and no record is lost."""
import json
import os
import shutil
import signal
import struct
import subprocess
import time

import user
from user import root, same, true, write

paths = os.path.join(root, "tests", "data", "paths", "routeviews-v4-20140523.0600-first1200.mrt.gz")

VENDOR = """vendor: {id: maker, name: Maker, domicile: {country: RU, read: 2026-01-01, basis: Moscow, source: x}}
read: 2026-01-01
products: [{id: agent, name: Agent}, {id: other, name: Other}]
sources: {here: a test}
indicators:
  - {suffix: other.example, product: other, purpose: update, source: here}
"""
NEWER = VENDOR + "  - {suffix: maker.example, product: agent, purpose: update, source: here}\n"
POLICY = "id: %s\ntitle: one\nkind: deny\naxes: [vendor, location]\ncodes: [%s]\nsince: 2017-09-13\nsource: x\nchecked: 2026-01-01\n"
ANEW = {"catalogue": "the catalogue was loaded anew", "policies": "the policies were loaded anew",
        "databases": "the address databases were loaded anew", "path data": "the path data were loaded anew"}


def small_catalog():
    for folder in ("catalog/products", "catalog/jurisdictions"):
        os.makedirs(folder, exist_ok=True)
    write("catalog/products/maker.yaml", VENDOR)
    write("catalog/jurisdictions/us-kaspersky.yaml", POLICY % ("us-kaspersky", "RU"))
    write("catalog/jurisdictions/us-foreign-adversaries.yaml", POLICY % ("us-foreign-adversaries", "KP"))
    write("catalog/operators.yaml", "parents: []\n")
    write("catalog/severity.yaml", "rules:\n  - {id: flagged, severity: high, when: {agent: true, vendor: [in]}}\n"
                                   "  - {id: agents, severity: low, when: {agent: true}}\n")
    write("dbip-country.csv", "5.0.0.0,5.0.0.255,NL\n5.0.2.0,5.0.2.255,RU\n")


def request(number, host):
    """An HTTP request of 10.0.0.1, a flow of its own that ends before the next begins."""
    payload = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    tcp = struct.pack(">HHIIBBHHH", 1024 + number, 80, 1, 1, 0x50, 0x18, 4096, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number, 0, 64, 6, 0, bytes([10, 0, 0, 1]), bytes([5, 0, 0, 1]))
    frame = bytes(12) + b"\x08\x00" + ip + tcp
    return struct.pack("<IIII", 1780272000 + 400 * number, 0, len(frame), len(frame)) + frame


class Reader:
    """A run over standard input that goes on until close()."""

    def __init__(self, *arguments, host="up.maker.example"):
        self.host, self.sent = host, 0
        with open("stdout", "wb") as out, open("stderr", "wb") as err:
            self.ran = subprocess.Popen([user.program, "read", "--catalog", "catalog", "--geo", "dbip-country.csv", "--format", "json",
                                         "--flows", *arguments, "-"], stdin=subprocess.PIPE, stdout=out, stderr=err,
                                        env=user.environment)
        self.ran.stdin.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def send(self, count):
        for _ in range(count):
            self.ran.stdin.write(request(self.sent, self.host))
            self.sent += 1
        self.ran.stdin.flush()

    def send_until(self, *words, since=0):
        """Sends on until all of them were said."""
        end = time.monotonic() + 60
        while not all(word in self.err()[since:] for word in words):
            true(time.monotonic() < end and self.ran.poll() is None, f"{words} is not in {self.err()[since:]!r}")
            self.send(1)
            time.sleep(0.02)

    def begin(self):
        """Until it reads and hears signals."""
        self.send(4)
        end = time.monotonic() + 60
        while True:
            true(time.monotonic() < end and self.ran.poll() is None, f"it does not begin; it says {self.err()!r}")
            with open(f"/proc/{self.ran.pid}/status", encoding="ascii") as status:
                caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt:"))
            if caught & 1 << signal.SIGHUP - 1:
                return
            time.sleep(0.02)

    def hang_up(self):
        self.ran.send_signal(signal.SIGHUP)

    def err(self):
        with open("stderr", encoding="utf-8") as file:
            return file.read()

    def close(self):
        """@return all records."""
        self.send(3)
        self.ran.stdin.close()
        same(self.ran.wait(timeout=60), 0, f"exit status; it says {self.err()!r}")
        with open("stdout", encoding="utf-8") as file:
            found = [json.loads(line) for line in file]
        same(found[-1]["packets"], self.sent, "packets read")
        same(len([r for r in found if r["type"] == "flow"]), self.sent, "flows told")
        return found


def findings(records):
    return [r for r in records if r["type"] == "finding"]


def case_reload_on_hangup_takes_all_four():
    for workers in ("1", "2"):
        small_catalog()
        shutil.copy(paths, "rib.mrt.gz")
        read = Reader("--paths", "rib.mrt.gz", "--rib-peer", "any", "--workers", workers)
        read.begin()
        write("catalog/products/maker.yaml", NEWER)
        write("dbip-country.csv", "5.0.0.0,5.0.0.255,DE\n5.0.2.0,5.0.2.255,RU\n")
        read.hang_up()
        read.send_until("the catalogue was loaded anew: 2026-01-01, 1 vendors, 2 products, 2 indicators\n",
                        "the policies were loaded anew: us-foreign-adversaries, us-kaspersky\n",
                        "the address databases were loaded anew: DB-IP Lite Country\n",
                        "the path data were loaded anew: 1 file, ")
        before = read.sent
        found = read.close()
        flows = [r for r in found if r["type"] == "flow"]
        same(flows[0]["product"] if "product" in flows[0] else None, None, "product before")
        same(flows[0]["jurisdiction"]["location"]["countries"], ["NL"], "location before")
        same([f["product"]["id"] for f in flows[before:]], ["agent"] * (read.sent - before), "product after")
        same(flows[-1]["jurisdiction"]["location"]["countries"], ["DE"], "location after")
        same([f["severity"] for f in findings(found) if f["action"] == "opened"], ["high"], "findings")


def case_reload_without_being_asked_when_files_change():
    small_catalog()
    read = Reader("--workers", "2", host="up.other.example")
    read.begin()
    write("catalog/products/maker.yaml", NEWER)
    read.send_until("the catalogue was loaded anew")
    write("catalog/jurisdictions/us-kaspersky.yaml", POLICY % ("us-kaspersky", "CN"))
    read.send_until("the policies were loaded anew")
    before = read.sent
    found = read.close()
    same(read.err().count("\n"), 2, f"sentences in {read.err()!r}")
    opened = findings(found)[0]
    same((opened["action"], opened["severity"], opened["flagged"][0]["country"]), ("opened", "high", "RU"), "finding")
    flows = [r for r in found if r["type"] == "flow"]
    same([len(f["flagged"]) for f in flows[:2] + flows[before:before + 2]], [1, 1, 0, 0], "flags before and after")


def case_reload_refuses_what_is_bad_and_takes_the_rest():
    small_catalog()
    shutil.copy(paths, "rib.mrt.gz")
    read = Reader("--paths", "rib.mrt.gz", "--rib-peer", "any", "--workers", "2", host="up.other.example")
    read.begin()
    damages = (
        ("catalog/products/maker.yaml", VENDOR, NEWER.replace("maker.example", "google.com"),
         "maker.yaml:7: field 'suffix': 'google.com' is too broad; the catalogue that is loaded stays"),
        ("catalog/products/maker.yaml", VENDOR, "vendor: {", "maker.yaml:", "; the catalogue that is loaded stays"),
        ("catalog/jurisdictions/us-kaspersky.yaml", POLICY % ("us-kaspersky", "RU"), POLICY % ("us-kaspersky", "UK"),
         "us-kaspersky.yaml:5", "; the policies that are loaded stay"),
        ("dbip-country.csv", user.contents("dbip-country.csv"), "garbage\n", "; the databases that are loaded stay"),
        ("rib.mrt.gz", user.contents("rib.mrt.gz"), user.contents("rib.mrt.gz")[:-30],
         "rib.mrt.gz: ", "; the path data that are loaded stay"),
    )
    for path, good, bad, *says in damages:
        write(path, bad)
        begun = len(read.err())
        read.hang_up()
        refused = next(kind for kind in ANEW if f"the {kind} that" in says[-1])
        read.send_until(*says, *(ANEW[kind] for kind in ANEW if kind != refused), since=begun)
        true(ANEW[refused] not in read.err()[begun:], read.err()[begun:])
        write(path, good)
        begun = len(read.err())
        read.hang_up()
        read.send_until(*ANEW.values(), since=begun)
    found = read.close()
    flows = [r for r in found if r["type"] == "flow"]
    same({f["product"]["id"] for f in flows}, {"other"}, "products")
    same({tuple(f["jurisdiction"]["location"]["countries"]) for f in flows}, {("NL",)}, "locations")
    same([f["action"] for f in findings(found)].count("opened"), 1, "findings opened")


def case_reload_opens_the_files_of_feeds_anew():
    small_catalog()
    read = Reader("--output", "file:found.jsonl?flows=true", "--workers", "2", host="up.other.example")
    read.begin()
    for turn in range(3):
        read.send(5)
        os.rename("found.jsonl", f"found.jsonl.{turn}")
        read.hang_up()
        end = time.monotonic() + 60
        while not os.path.exists("found.jsonl"):
            true(time.monotonic() < end, f"no new file; it says {read.err()!r}")
            read.send(1)
            time.sleep(0.02)
    found = read.close()
    lines, parts = [], 0
    for name in ("found.jsonl.0", "found.jsonl.1", "found.jsonl.2", "found.jsonl"):
        with open(name, encoding="utf-8") as file:
            part = [json.loads(line) for line in file]
        lines += part
        parts += len(part) > 0
    same(lines, found, "records in all files")
    true(parts > 1, "one file has all records")
