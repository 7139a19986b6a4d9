"""What `watch` tells of packets on a wire, and what it does when the wire, or a signal, comes between."""
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import time

import wire
from user import bordertap, captures, kaspersky, root, same, true, write
from wire import Watch, count, remove, replay, sh, until

HOME = ("--home-net", "128.3.0.0/16,10.0.0.0/8,192.168.0.0/16,172.16.0.0/12")
FIELDS = ("id", "severity", "flagged", "counters", "host", "rule")

# Ethernet captures whose packets are spread over little time, as no replay may change what is near to what.
REPLAYED = ("lbl__detect-kaspersky.pcap", "pcapplusplus__tls2.pcap", "pcapplusplus__tls1_3.pcap", "arkime__https-connect.pcap",
            "zeek__quicv2-echo-443.pcap", "pcapplusplus__Vxlan1.pcap", "malcolm__dns_over_tcp.pcap",
            "arkime__smtp-starttls.pcap", "arkime__socks5-http-302-frag.pcap")


def last_findings(records):
    """By id, the last record of each finding, without what depends on when it was."""
    found = {}
    for record in records:
        if record["type"] == "finding":
            product = {key: record.get("product", {}).get(key) for key in ("id", "purpose", "confidence")}
            found[record["id"]] = {**{key: record.get(key) for key in FIELDS}, **product}
    return found


def told_of_file(path, *options):
    run = bordertap("read", "--format", "json", "--sensor", "s", *HOME, *options, path)
    return run.records()


def flows_of(records):
    return sorted((r["flow"]["client"], r["flow"]["server"], r["flow"]["proto"], r["flow"]["packets_out"], r["flow"]["packets_in"],
                   r["flow"].get("vlan"), r.get("tls", {}).get("sni")) for r in records if r["type"] == "flow")


def compare(name, *options, speed="--pps=2000"):
    path = os.path.join(captures, name)
    watch = Watch("--sensor", "s", *HOME, *options)
    sent = replay(speed, path)
    summary = watch.stop()
    file = told_of_file(path, *options)
    same(summary["packets"], sent, f"{name}: packets")
    same(last_findings(watch.records()), last_findings(file), f"{name}: findings")
    for group in ("decode", "flow"):
        wanted = {k: v for k, v in file[-1]["counters"][group].items() if k in ("decoded", "created")}
        same({k: summary["counters"][group][k] for k in wanted}, wanted, f"{name}: counters")
    if "--flows" in options:
        same(flows_of(watch.records()), flows_of(file), f"{name}: flows")


def case_findings_are_those_of_the_file():
    for i, name in enumerate(REPLAYED):
        compare(name, "--min-severity", "info", "--workers", str(1 + i % 2))


def case_a_finding_is_told_within_a_second():
    watch = Watch(*HOME)
    replay("--pps=2000", "--limit=4", kaspersky)  # up to the request
    until(lambda: watch.records("finding"), "a finding", 1.0)
    same(watch.records("finding")[0]["action"], "opened", "what is told")
    watch.stop()


def case_a_flow_ends_by_the_clock_when_no_packet_comes():
    watch = Watch("--flows", *HOME)
    replay("--pps=2000", kaspersky)
    until(lambda: watch.records("flow"), "a record of the flow", 8)
    same(watch.records("flow")[0]["end_reason"], "fin", "its end")
    watch.stop()


def case_flows_and_tags_are_those_of_the_file():
    compare("pcapplusplus__QinQ_802.1_AD.pcapng", "--flows")


def case_the_two_directions_may_come_over_two_interfaces():
    wire.make("w1", "span1")
    watch = Watch("--sensor", "s", *HOME, interface="span0,span1")
    sh("tcpprep", "--auto=client", f"--pcap={kaspersky}", "--cachefile=cache")
    sh("tcpreplay", "-q", "--pps=500", "-i", "w0", "-I", "w1", "-c", "cache", kaspersky)
    summary = watch.stop()
    same([i["packets_received"] > 0 for i in summary["interfaces"]], [True, True], "packets at both interfaces")
    same(sum(i["packets_received"] for i in summary["interfaces"]), 15, "packets")
    same(last_findings(watch.records()), last_findings(told_of_file(kaspersky)), "findings")


def traffic(packets, payload=400):
    """A file of UDP packets between many hosts: each a flow of its own."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for i in range(packets):
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + payload, i & 0xFFFF, 0, 64, 17, 0, bytes([10, 1, i >> 8 & 255, i & 255]),
                         bytes([198, 51, 100, i % 250]))
        frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + struct.pack(">HHHH", 1024 + i % 50000, 9999, 8 + payload, 0) + bytes(payload)
        out.append(struct.pack("<IIII", i // 10000, i % 10000, len(frame), len(frame)) + frame)
    return write("traffic.pcap", b"".join(out))


def check_counts(watch, before, sent):
    summary = watch.stop()
    counts = summary["interfaces"][0]
    dropped, lost = counts["packets_dropped_by_kernel"], counts["packets_dropped_by_interface"]
    same(lost, lost_before_the_ring() - before, "dropped by the interface")
    same(counts["packets_received"] + dropped, sent, f"received {counts['packets_received']} and dropped {dropped} of those sent")
    same(summary["packets"], counts["packets_received"], "packets judged")
    same(any("ring was full" in w for w in summary["warnings"]), dropped > 0, "the warning")
    return dropped


def lost_before_the_ring():
    return count("span0", "rx_dropped") + count("span0", "rx_missed_errors")


def case_at_full_speed_every_packet_is_received_or_counted_as_dropped():
    before = lost_before_the_ring()
    watch = Watch("--max-flows", "65536")
    check_counts(watch, before, replay("--topspeed", "--preload-pcap", "--loop=12", traffic(20000)))


def case_what_a_full_ring_drops_is_counted_to_the_packet():
    before = lost_before_the_ring()
    watch = Watch("--max-flows", "65536", "--ring-mib", "1")
    watch.signal(signal.SIGSTOP)
    sent = replay("--topspeed", "--preload-pcap", traffic(20000))
    watch.signal(signal.SIGCONT)
    true(check_counts(watch, before, sent) > 10000, "a ring of 1 MiB held 8 MB")


def case_what_was_in_the_ring_when_a_signal_came_is_judged():
    watch = Watch(*HOME)
    sent = replay("--topspeed", kaspersky)
    summary = watch.stop()  # its block of the ring is not full yet
    same(summary["packets"], sent, "packets")
    same(len(last_findings(watch.records())), 1, "findings")


@contextlib.contextmanager
def flood(path):
    """Sends @path over and over, as fast as it goes."""
    with subprocess.Popen(["tcpreplay", "-q", "-i", "w0", "--topspeed", "--preload-pcap", "--loop=0", path], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as sender:
        try:
            until(lambda: count("w0", "tx_packets") > 50000, "a flood", 20)
            yield
        finally:
            sender.terminate()
            sender.wait()


def case_a_signal_ends_it_in_the_middle_of_a_flood():
    path = traffic(20000)
    watch = Watch("--max-flows", "65536")
    with flood(path):
        summary = watch.stop()
    true(summary["packets"] > 10000, f"{summary['packets']} packets are few")


def case_memory_is_flat_and_an_agent_is_found_in_a_flood_of_new_flows():
    path = traffic(20000)
    watch = Watch("--max-flows", "4096", *HOME)
    with flood(path):
        time.sleep(1)
        before = watch.megabytes()
        replay("--pps=2000", kaspersky)
        time.sleep(4)
        after = watch.megabytes()
    summary = watch.stop()
    true(summary["flows"] > 100000, f"{summary['flows']} flows are few")
    true(after < before + 8, f"memory grew from {before:.0f} to {after:.0f} MB")
    if summary["interfaces"][0]["packets_dropped_by_kernel"] == 0:
        same([f["severity"] for f in last_findings(watch.records()).values()], ["critical"], "findings")


def case_an_interface_that_vanishes_is_listened_to_when_it_is_back():
    watch = Watch(*HOME)
    sockets = watch.sockets()
    replay("--pps=2000", kaspersky)
    until(lambda: watch.records("finding"), "a finding")
    remove()
    until(lambda: "span0 vanished: waiting for it" in watch.says(), "word of it")
    sh("ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1")  # takes the next index
    wire.make()
    until(lambda: "span0 is back" in watch.says(), "word of it")
    time.sleep(0.3)
    sent = replay("--pps=2000", kaspersky)
    same(watch.sockets(), sockets, "sockets")
    summary = watch.stop()
    same(summary["packets"], 15 + sent, "packets")
    counts = summary["interfaces"][0]
    same((counts["times_gone"], counts["state"], counts["packets_dropped_by_interface"]), (1, "up", 0), "what is counted")
    true(any("vanished" in w for w in summary["warnings"]), f"no warning: {summary['warnings']}")


def case_promiscuous_mode_comes_back_with_the_interface():
    watch = Watch()
    remove()
    until(lambda: "vanished" in watch.says(), "word of it")
    wire.make()
    until(lambda: "span0 is back" in watch.says(), "word of it")
    same(int(sh("cat", "/sys/class/net/span0/flags"), 16) & 0x100 != 0 or "promiscuity 1" in sh("ip", "-d", "link", "show", "span0"),
         True, "promiscuous")
    watch.stop()


def case_a_link_that_goes_down_and_up_is_told():
    watch = Watch(*HOME)
    sh("ip", "link", "set", "span0", "down")
    until(lambda: "span0 is down" in watch.says(), "word of it")
    sh("ip", "link", "set", "span0", "up")
    until(lambda: "span0 is up again" in watch.says(), "word of it")
    sh("ip", "link", "set", "w0", "down")  # no carrier
    until(lambda: watch.says().count("span0 is down") == 2, "word of it")
    sh("ip", "link", "set", "w0", "up")
    until(lambda: watch.says().count("span0 is up again") == 2, "word of it")
    sent = replay("--pps=2000", kaspersky)
    summary = watch.stop()
    same((summary["packets"], summary["interfaces"][0]["times_down"]), (sent, 2), "packets, and times it was down")


def case_packets_larger_than_the_wire_allows_are_read_whole():
    wire.make(mtu="65535")
    length = 60000  # segments put together, with the length left out of the header
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 0, 1, 0, 64, 6, 0, bytes([10, 0, 0, 1]), bytes([198, 51, 100, 1]))
    frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + struct.pack(">HHIIBBHHH", 40000, 443, 1, 1, 0x50, 0x10, 512, 0, 0) + bytes(length)
    write("large.pcap", struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame)
    watch = Watch("--flows")
    replay("large.pcap")
    summary = watch.stop()
    same((summary["packets"], summary["counters"]["source"]["packets_captured_short"]), (1, 0), "packets, and those that were cut")
    same(summary["counters"]["decode"]["ipv4_length_zero"], 1, "packets without a length")
    same(watch.records("flow")[0]["flow"]["bytes_out"], len(frame), "bytes of the flow")


def case_only_what_passes_the_filter_is_seen():
    watch = Watch("--filter", "udp port 9999 and src host 10.1.0.7")
    replay("--topspeed", traffic(500))
    same(watch.stop()["packets"], 1, "packets")


def case_status_is_told_on_request():
    watch = Watch(*HOME)
    replay("--pps=2000", kaspersky)
    until(lambda: watch.records("finding"), "a finding")
    time.sleep(0.3)
    watch.signal(signal.SIGUSR1)
    until(lambda: watch.says().endswith("\n"), "the status")
    true("15 packets, 6274 bytes, 1 flows" in watch.says(), watch.says())
    for words in ("span0: up, 15 packets received", "1 critical", "catalogue ", "up for 0 d 00:00:0"):
        true(words in watch.says(), f"{words!r} is not in {watch.says()!r}")
    same(watch.says().count("\n"), 1, "paragraphs")
    watch.stop()


def case_a_terminal_shows_a_line_of_status():
    own, terminal = os.openpty()
    with subprocess.Popen([wire.user.program, "watch", "-i", "span0"], stdout=subprocess.DEVNULL, stderr=terminal,
                          env=wire.user.environment) as process:
        try:
            os.close(terminal)
            shown = b""
            while b"dropped 0, 0 flows, 0 findings" not in shown:
                true(select.select([own], [], [], 5)[0], f"no line of status in {shown!r}")
                shown += os.read(own, 4096)
        finally:
            process.terminate()
            same(process.wait(10), 0, "exit status")
            os.close(own)


def case_the_manager_hears_of_a_life():
    watch = Watch(environment={"WATCHDOG_USEC": "1000000"})
    for _ in range(3):
        watch.manager.hears("WATCHDOG=1", 1.0)
    watch.manager.hears("STATUS=0 packets/s", 1.0)
    watch.signal(signal.SIGHUP)
    watch.manager.hears("RELOADING=1")
    true(watch.manager.hears("MONOTONIC_USEC=") != "MONOTONIC_USEC=0", "no time")
    watch.manager.hears("READY=1")
    watch.stop()
    watch.manager.hears("STOPPING=1")


def case_a_reload_under_load_loses_no_packet_and_files_can_be_moved():
    """All is loaded anew five times while 20,000 packets a second come, and the feed's file is moved each time."""
    os.chmod(".", 0o777)  # for the user that watch becomes
    watch = Watch("--output", "file:found.jsonl?flows=true", "--max-flows", "65536")
    with subprocess.Popen(["tcpreplay", "-q", "-i", "w0", "--pps=20000", "--preload-pcap", "--loop=3", traffic(20000)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as sender:
        for turn in range(1, 6):
            os.rename("found.jsonl", f"found.jsonl.{turn}")
            watch.signal(signal.SIGHUP)
            until(lambda: watch.says().count("the catalogue was loaded anew") == turn and os.path.exists("found.jsonl"),
                  f"a reload; it says {watch.says()!r}", 20)
        sent = int(sender.communicate()[0].decode().split("Successful packets:")[1].split()[0])
    summary = watch.stop()
    counts = summary["interfaces"][0]
    same(counts["packets_received"] + counts["packets_dropped_by_kernel"], sent, "received and dropped of those sent")
    same(summary["packets"], counts["packets_received"], "packets judged")
    lines = b"".join(wire.user.contents(name) for name in sorted(os.listdir("."), key=lambda name: (name == "found.jsonl", name))
                     if name.startswith("found.jsonl"))
    records = [json.loads(line) for line in lines.splitlines()]
    same(sum(r["type"] == "flow" for r in records), summary["flows"], "flows in all files")
    same([r for r in records if r["type"] == "finding"], watch.records("finding"), "findings in all files")


def case_the_watchdog_is_silent_when_nothing_passes():
    """Standard output is a pipe that nobody reads: telling flows stands still, and so does the pipeline."""
    read, into = os.pipe()
    manager = wire.Manager()
    with subprocess.Popen([wire.user.program, "watch", "-i", "span0", "--format", "json", "--flows", "--workers", "1", "--max-flows", "64"],
                          stdout=into, stderr=subprocess.DEVNULL,
                          env={**wire.user.environment, "NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"}) as process:
        try:
            manager.hears("READY=1", 20)
            manager.hears("WATCHDOG=1", 1)
            replay("--topspeed", traffic(5000))
            time.sleep(0.5)
            manager.socket.setblocking(False)
            try:
                while manager.socket.recv(4096):
                    pass
            except BlockingIOError:
                pass
            manager.lines.clear()
            time.sleep(1.5)
            try:
                heard = manager.socket.recv(4096).decode()
            except BlockingIOError:
                heard = ""
            true("WATCHDOG" not in heard, "the watchdog is told that all is well")
        finally:
            process.kill()
    os.close(read)
    os.close(into)


def case_what_is_wrong_is_told_in_one_sentence():
    bordertap("watch").exits(2).prints_nothing().says("watch needs an interface")
    bordertap("watch", "-i", "span1").exits(2).says("there is no interface 'span1'; did you mean 'span0'?")
    bordertap("watch", "-i", "span0,span0").exits(2).says("twice")
    bordertap("watch", "-i", "span0", "--filter", "tcp prot 443").exits(2).says("--filter 'tcp prot 443'", "pcap-filter(7)")
    bordertap("watch", "-i", "span0", "--ring-mib", "0").exits(2).says("--ring-mib", "no number from 1 to 2047")
    bordertap("watch", "-i", "span0", "file.pcap").exits(2).says("watch takes no argument, 'file.pcap' is one")
    bordertap("watch", "-i", "span0", "--format", "jsn").exits(2).says("jsn")
    sh("ip", "link", "set", "span0", "down")
    bordertap("watch", "-i", "span0").exits(1).says("span0 is down; bring it up with: ip link set span0 up")


def case_without_the_right_to_capture_it_says_what_to_do():
    done = subprocess.run(["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--ambient-caps", "-all", "--securebits", "+noroot",
                           wire.user.program, "watch", "-i", "span0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=wire.user.environment, check=False)
    same((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), f"what happens; it says {done.stderr!r}")
    true("span0: no permission to capture; run as root" in done.stderr, done.stderr)


def case_the_configuration_is_checked_without_listening():
    write("c.yaml", "interface: [span0]\nfilter: udp port 53\nring-mib: 8\n")
    bordertap("watch", "-n", "-c", "c.yaml").exits(0).prints("the configuration is good").says_nothing()
    write("c.yaml", "interface: span0\nring-mb: 8\n")
    bordertap("watch", "-n", "-c", "c.yaml").exits(2).says("c.yaml:2: unknown key 'ring-mb'; did you mean 'ring-mib'?")
    write("c.yaml", "interface: span0\ncheck: true\n")
    bordertap("watch", "-c", "c.yaml").exits(2).says("command line only")
    bordertap("watch", "-n", "-i", "span9").exits(2).says("there is no interface 'span9'")
    bordertap("watch", "-n", "-i", "span0", "--filter", "ip proto").exits(2).says("--filter")
    bordertap("watch", "-n", "-i", "span0", "--output", "file:x?format=jsn").exits(2).says("jsn")
    bordertap("watch", "-n", "-i", "span0", "--policy", "no-such").exits(2)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def case_no_right_is_left_on_any_thread_and_all_of_it_works():
    os.chmod(".", 0o755)
    os.mkdir("logs")
    os.chown("logs", 65534, 65534)
    watch = Watch(*HOME, "--user", "nobody", "--output", "file:logs/out.json", "--store", "logs/s.db", "--workers", "2")
    for thread in os.listdir(f"/proc/{watch.process.pid}/task"):
        status = status_of(f"{watch.process.pid}/task/{thread}")
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            same(int(status[name], 16), 0, name)
        same((status["NoNewPrivs"], status["Seccomp"], status["Groups"].strip()), ("1", "2", ""), "new privileges, calls, groups")
        same({*status["Uid"].split(), *status["Gid"].split()}, {"65534"}, "user and group")
    for words in ("now nobody (65534:65534); no capability left", "(Landlock ", "(seccomp)"):
        true(words in watch.at_start, f"{words!r} is not in {watch.at_start!r}")
    os.rename("logs/out.json", "logs/out.json.1")
    watch.signal(signal.SIGHUP)
    until(lambda: "the catalogue was loaded anew" in watch.says() and os.path.exists("logs/out.json"), "a reload", 15)
    remove()
    until(lambda: "vanished" in watch.says(), "word of it")
    wire.make()
    until(lambda: "span0 is back" in watch.says(), "word of it")
    time.sleep(0.3)
    replay("--pps=2000", kaspersky)
    until(lambda: watch.records("finding"), "a finding")
    watch.stop()
    true(b'"type":"finding"' in wire.user.contents("logs/out.json"), "no finding in the new file")
    bordertap("findings", "list", "--store", "logs/s.db", "--all").exits(0).prints("Kaspersky")


def case_steps_are_left_out_by_name_only():
    watch = Watch("--no-sandbox", "user,seccomp")
    same((status_of(watch.process.pid)["Seccomp"], status_of(watch.process.pid)["Uid"].split()[0]), ("0", "0"), "what is kept")
    true("(--no-sandbox user)" in watch.at_start and "(--no-sandbox seccomp)" in watch.at_start, watch.at_start)
    watch.stop()
    bordertap("watch", "-n", "-i", "span0", "--no-sandbox", "secomp").exits(2).says("did you mean 'seccomp'?")
    bordertap("watch", "-i", "span0", "--user", "no-such").exits(2).says("there is no user 'no-such'")
