"""A wire of two veth ends: what is sent into w0 arrives at span0. Only inside a network namespace that has no other interface."""
import json
import os
import re
import signal
import socket
import subprocess
import time

import user
from user import true

PROBE = "ip link add w0 type veth peer name span0"
running = []


def sh(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    true(done.returncode == 0, f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout


def prepare():
    sh("mount", "-t", "sysfs", "sysfs", "/sys")  # the namespace's own interfaces, not the machine's
    others = [name for name in os.listdir("/sys/class/net") if name != "lo" and not os.path.islink(f"/sys/class/net/{name}/device")]
    true(not os.path.exists("/sys/class/net/eth0") and len(others) <= 8, f"this is no namespace of our own: {others}")
    for name in ("all", "default"):
        path = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
        if os.path.exists(path):
            user.write(path, "1")


def make(far="w0", near="span0", mtu="1500"):
    if os.path.exists(f"/sys/class/net/{near}"):
        sh("ip", "link", "del", near)
    sh("ip", "link", "add", far, "mtu", mtu, "type", "veth", "peer", "name", near, "mtu", mtu)
    for name in (far, near):
        sh("ip", "link", "set", name, "up")


def remove(near="span0"):
    sh("ip", "link", "del", near)


def end():
    for watch in running:
        watch.kill()
    running.clear()
    for name in os.listdir("/sys/class/net"):
        if name != "lo" and os.path.exists(f"/sys/class/net/{name}"):
            subprocess.run(["ip", "link", "del", name], stderr=subprocess.DEVNULL, check=False)


def count(interface, name):
    with open(f"/sys/class/net/{interface}/statistics/{name}", encoding="ascii") as file:
        return int(file.read())


def replay(*arguments, into="w0"):
    """@return how many packets went onto the wire."""
    before = count(into, "tx_packets")
    sh("tcpreplay", "-q", "-i", into, *arguments)
    return count(into, "tx_packets") - before


def until(is_so, what, seconds=5.0):
    """Waits for something that other processes do; polled slowly, and for a bounded time."""
    last = time.monotonic() + seconds
    while not is_so():
        true(time.monotonic() < last, f"after {seconds} s there is not {what}")
        time.sleep(0.05)


class Manager:
    """What a service manager hears."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = os.path.abspath(f"manager-{len(os.listdir())}")
        self.socket.bind(self.path)
        self.lines = []

    def hears(self, line, seconds=5.0):
        """Waits until a line that begins so was said after those heard before; @return it."""
        last = time.monotonic() + seconds
        while True:
            for i, said in enumerate(self.lines):
                if said.startswith(line):
                    del self.lines[:i + 1]
                    return said
            self.socket.settimeout(max(0.01, last - time.monotonic()))
            try:
                self.lines += self.socket.recv(4096).decode().splitlines()
            except TimeoutError:
                raise AssertionError(f"the manager does not hear {line!r}, only {self.lines}") from None


class Watch:
    """`bordertap watch` that has begun to listen."""

    def __init__(self, *arguments, interface="span0", environment=None):
        self.manager = Manager()
        self.at_start = ""
        self.out, self.err = open("out", "wb+"), open("err", "wb+")
        self.process = subprocess.Popen(
            [user.program, "watch", "-i", interface, "--format", "json", *arguments], stdout=self.out, stderr=self.err,
            stdin=subprocess.DEVNULL,
            env={**user.environment, "NOTIFY_SOCKET": self.manager.path, **(environment or {})})
        running.append(self)
        try:
            self.manager.hears("READY=1", 20)
        except AssertionError as why:
            raise AssertionError(f"{why}; it says: {self.says()}") from None
        self.at_start = self.says()

    def says(self):
        """What it has said since the start."""
        return user.contents("err").decode()[len(self.at_start):]

    def records(self, kind=None):
        lines = user.contents("out").decode().splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.endswith("\n")]
        return [r for r in found if kind in (None, r["type"])]

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, status=0):
        """@return the summary."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        user.same(self.process.wait(20), status, f"exit status; it says: {self.says()}")
        true(time.monotonic() - begun < 2, f"it took {time.monotonic() - begun:.1f} s to end")
        return self.records("summary")[0]

    def sockets(self):
        """Its packet sockets, as the kernel numbers them."""
        folder = f"/proc/{self.process.pid}/fd"
        links = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
        return sorted(link for link in links if re.match(r"socket:", link))

    def megabytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()
        self.manager.socket.close()
