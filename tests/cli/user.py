"""What a user does: run the program, look at what it says, make files. Each case runs in an empty folder of its own."""
import json
import os
import struct
import subprocess

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
captures = os.path.join(root, "tests/golden/captures")
kaspersky = os.path.join(captures, "lbl__detect-kaspersky.pcap")  # one flow, one critical finding, home net 128.3.0.0/16
desktop = os.path.join(captures, "pcapplusplus__tls2.pcap")  # 334 flows, findings of severity info
program = None
environment = {}


def enter(folder):
    os.chdir(folder)
    environment.clear()
    environment.update({"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": folder, "TERM": "xterm",
                        "BORDERTAP_GEO_DIR": os.path.join(folder, "no-location-data")})
    environment.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})


class Run:
    """One run of the program that has ended."""

    def __init__(self, arguments, stdin=b"", stdout=subprocess.PIPE):
        ended = subprocess.run([program, *arguments], input=stdin, stdout=stdout, stderr=subprocess.PIPE, env=environment,
                               timeout=120)
        self.arguments, self.status = arguments, ended.returncode
        self.bytes = ended.stdout or b""
        self.out, self.err = self.bytes.decode(), ended.stderr.decode()

    def exits(self, status):
        same(self.status, status, f"exit status of {' '.join(self.arguments)}; it says: {self.err.strip()[-400:]}")
        return self

    def says(self, *words):
        """Standard error is one sentence of ours that holds these words."""
        same(self.err.count("\n"), 1, f"lines on standard error: {self.err!r}")
        true(self.err.startswith("bordertap: "), f"no sentence of ours: {self.err!r}")
        for word in words:
            true(word in self.err, f"{word!r} is not in {self.err!r}")
        return self

    def says_nothing(self):
        same(self.err, "", "standard error")
        return self

    def prints(self, *words):
        for word in words:
            true(word in self.out, f"{word!r} is not in {self.out[:2000]!r}")
        return self

    def prints_nothing(self):
        same(self.out, "", "standard output")
        return self

    def records(self, kind=None):
        true(self.out.endswith("\n"), "the last line is cut")
        found = [json.loads(line) for line in self.out.splitlines()]
        return [r for r in found if kind in (None, r["type"])]


def bordertap(*arguments, **streams):
    return Run(list(arguments), **streams)


def true(is_so, otherwise):
    if not is_so:
        raise AssertionError(otherwise)


def same(got, wanted, what):
    true(got == wanted, f"{what}: {repr(got)[:800]}, wanted {repr(wanted)[:800]}")


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def packets_of(pcap):
    """Header and records, each with its record header, of a little-endian pcap."""
    data, at, found = contents(pcap), 24, []
    while at < len(data):
        length = 16 + struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at:at + length])
        at += length
    return data[:24], found


def split(pcap, count):
    """The capture in @count files, as a capture tool that begins a new file now and then writes them."""
    header, packets = packets_of(pcap)
    size = -(-len(packets) // count)
    return [write(f"part-{i}.pcap", header + b"".join(packets[i * size:(i + 1) * size])) for i in range(count)]
