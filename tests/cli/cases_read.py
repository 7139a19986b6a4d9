"""`read`: files, damage, streams, severities, feeds."""
import bz2
import gzip
import lzma
import os
import resource
import shutil
import struct
import subprocess

import user
from user import bordertap, captures, contents, desktop, environment, kaspersky, packets_of, same, split, true, write

HOME = ("--home-net", "128.3.0.0/16")


def judged(run):
    """What was found, whatever files it came from."""
    return [r for r in run.exits(0).records() if r["type"] in ("finding", "host", "flow")]


def case_finding_is_told_and_the_exit_is_0():
    bordertap("read", *HOME, kaspersky).exits(0).says_nothing().prints(
        "CRITICAL  Kaspersky on 128.3.116.128", "1 finding: 1 critical", "15 packets")


def case_input_that_is_none_is_named():
    write("empty.pcap", b"")
    write("text.pcap", "hello, this is no capture\n")
    os.mkdir("folder")
    for path, word in (("none.pcap", "No such file"), ("empty.pcap", "empty"), ("text.pcap", "no capture file"),
                       ("folder", "no capture file")):
        bordertap("read", path).exits(1).prints_nothing().says(path, word)


def case_input_that_is_none_is_named_among_others_in_a_sentence():
    write("text.pcap", "hello, this is no capture\n")
    data = contents(kaspersky)
    write("cut.pcap", data[:-5])
    run = bordertap("read", "--format", "json", "none.pcap", "text.pcap", "cut.pcap", kaspersky).exits(1)
    for words in ("none.pcap cannot be read: No such file", "text.pcap is no capture file: it begins", "cut.pcap: offset "):
        true(words in run.err, run.err)
    damages = run.records("summary")[0]["damages"]
    same([d.split(" ")[0] for d in damages], ["none.pcap", "text.pcap", "cut.pcap:"], "damages in the summary")


def case_file_without_right_to_read_is_named():
    write("secret.pcap", contents(kaspersky))
    os.chmod("secret.pcap", 0)
    if not os.access("secret.pcap", os.R_OK):  # root reads everything
        bordertap("read", "secret.pcap").exits(1).says("secret.pcap", "Permission denied")


def case_header_without_packets_is_a_capture():
    write("header.pcap", contents(kaspersky)[:24])
    bordertap("read", "header.pcap").exits(0).says_nothing().prints("0 packets")


def case_standard_input_gives_the_same_as_the_file():
    want = bordertap("read", "--flows", "--format", "json", kaspersky).exits(0).says_nothing().bytes
    got = bordertap("read", "--flows", "--format", "json", "-", stdin=contents(kaspersky)).exits(0).says_nothing().bytes
    same(got, want, "records")
    bordertap("read", "-", stdin=b"").exits(1).prints_nothing().says("standard input", "empty")


def case_compression_is_known_by_content():
    data = contents(kaspersky)
    want = judged(bordertap("read", "--flows", "--format", "json", kaspersky))
    packed = {"gz": gzip.compress(data), "xz": lzma.compress(data), "two-parts.gz": gzip.compress(data[:700]) + gzip.compress(data[700:])}
    for tool in ("zstd", "lz4"):
        if shutil.which(tool):
            packed[tool] = subprocess.run([tool, "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    for name, content in packed.items():
        write(f"wrong-name-{name}.txt", content)
        same(judged(bordertap("read", "--flows", "--format", "json", f"wrong-name-{name}.txt")), want, name)
        same(judged(bordertap("read", "--flows", "--format", "json", "-", stdin=content)), want, f"{name} on standard input")
    bordertap("read", write("x.bz2", bz2.compress(data))).exits(1).prints_nothing().says("x.bz2", "no capture file")


def case_damaged_compression_keeps_what_came_before():
    write("cut.pcap.gz", gzip.compress(contents(desktop))[:1000000])
    run = bordertap("read", "--format", "json", "cut.pcap.gz").exits(1).says("cut.pcap.gz", "offset")
    packets = run.records("summary")[0]["packets"]
    true(1000 < packets < 7451, f"{packets} packets")


def case_parts_of_a_capture_give_what_the_whole_gives():
    for capture, home in ((kaspersky, HOME), (desktop, ())):
        whole = judged(bordertap("read", "--flows", "--format", "json", *home, capture))
        parts = split(capture, 3)
        for order in (parts, parts[::-1], [parts[1], parts[2], parts[0]]):
            same(judged(bordertap("read", "--flows", "--format", "json", *home, *order)), whole, "records of the parts")


def case_files_that_overlap_are_merged_on_time():
    header, packets = packets_of(desktop)
    write("even.pcap", header + b"".join(packets[0::2]))
    write("odd.pcap", header + b"".join(packets[1::2]))
    whole = bordertap("read", "--format", "json", desktop).exits(0)
    merged = bordertap("read", "--format", "json", "odd.pcap", "even.pcap").exits(0)
    same([f["id"] for f in merged.records("finding")], [f["id"] for f in whole.records("finding")], "findings")
    same(merged.records("summary")[0]["counters"]["source"]["packets_back_in_time"], 0, "packets back in time")


def case_directory_is_read_and_other_files_are_passed_over():
    os.makedirs("folder/below")
    shutil.copy(kaspersky, "folder/below/k.pcap")
    write("folder/notes.txt", "no capture")
    summary = bordertap("read", "--format", "json", "folder").exits(0).says_nothing().records("summary")[0]
    same((summary["packets"], summary["counters"]["source"]["files_skipped"]), (15, 1), "packets, files passed over")


def case_file_that_a_directory_holds_twice_is_read_once():
    os.mkdir("folder")
    shutil.copy(kaspersky, "folder/a.pcap")
    os.symlink("a.pcap", "folder/b.pcap")
    os.symlink(".", "folder/loop")
    summary = bordertap("read", "--format", "json", "folder").exits(0).says_nothing().records("summary")[0]
    same(summary["packets"], 15, "packets")
    true(summary["counters"]["source"]["files_seen_twice"] >= 1, "it is counted")


def peak_of(paths):
    """KiB that a run over these files takes at most; it may have 24 files open at once."""
    env = dict(environment, ASAN_OPTIONS=":".join(filter(None, [environment.get("ASAN_OPTIONS"), "quarantine_size_mb=0"])))
    process = subprocess.Popen([user.program, "read", "-q", *paths], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)))
    said = process.stderr.read().decode()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    same((process.returncode, said), (0, ""), f"exit status and standard error over {len(paths)} files")
    return usage.ru_maxrss


def case_hundreds_of_files_need_no_more_memory_and_descriptors_than_some():
    header, packets = packets_of(kaspersky)
    paths = []
    for i in range(400):
        later = [struct.pack("<I", struct.unpack_from("<I", p)[0] + 3600 * i) + p[4:] for p in packets]
        paths.append(write(f"{i}.pcap", header + b"".join(later)))
    summary = bordertap("read", "--format", "json", *paths).exits(0).records("summary")[0]
    same((summary["packets"], summary["flows"]), (400 * len(packets), 400), "packets and flows")
    some, all_of_them = peak_of(paths[:40]), peak_of(paths)
    true(all_of_them - some < 8192, f"{all_of_them - some} KiB for 360 files more")  # a buffer for each would be 92,160


def case_file_that_is_named_twice_is_read_once():
    once = judged(bordertap("read", "--format", "json", kaspersky))
    same(judged(bordertap("read", "--format", "json", kaspersky, kaspersky)), once, "records")


def case_truncated_file_is_judged_as_far_as_it_goes():
    write("cut.pcap", contents(kaspersky)[:3000])
    run = bordertap("read", *HOME, "--format", "json", "cut.pcap").exits(1).says("cut.pcap", "offset 1999", "cut")
    same(run.records("finding")[0]["severity"], "critical", "severity")
    same(len(run.records("summary")[0]["damages"]), 1, "damages in the summary")


def case_damage_is_named_with_quiet_too():
    write("cut.pcap", contents(kaspersky)[:3000])
    bordertap("read", "-q", "cut.pcap").exits(1).says("cut.pcap", "offset 1999")


def case_damage_of_one_file_leaves_the_others():
    write("cut.pcap", contents(kaspersky)[:3000])
    run = bordertap("read", "--format", "json", "cut.pcap", desktop).exits(1).says("cut.pcap")
    true(run.records("summary")[0]["packets"] > 7451, "the other file was read")
    run = bordertap("read", "--format", "json", kaspersky, "none.pcap").exits(1).says("none.pcap", "No such file")
    same(run.records("summary")[0]["packets"], 15, "packets")


def case_every_prefix_of_a_capture_ends_in_0_or_1():
    data = contents(kaspersky)
    for length in range(0, 1200, 17):
        run = bordertap("read", "-", stdin=data[:length])
        true(run.status in (0, 1), f"{length} bytes: exit {run.status}")
        true((run.status == 0) == (run.err == ""), f"{length} bytes: {run.err!r}")


def case_fail_on_is_exit_3_from_its_level_on():
    for level, status in (("info", 3), ("high", 3), ("critical", 3)):
        bordertap("read", *HOME, "--fail-on", level, kaspersky).exits(status).says_nothing()
    for level, status in (("info", 3), ("low", 0), ("critical", 0)):
        bordertap("read", "--fail-on", level, desktop).exits(status)


def case_fail_on_counts_what_is_hidden():
    run = bordertap("read", "--fail-on", "info", "--min-severity", "critical", desktop).exits(3)
    true("INFO " not in run.out, "no finding is shown")


def case_damage_wins_over_fail_on():
    write("cut.pcap", contents(kaspersky)[:3000])
    bordertap("read", *HOME, "--fail-on", "high", "cut.pcap").exits(1).prints("CRITICAL")


def case_min_severity_hides_findings_only():
    text = bordertap("read", desktop).exits(0)
    true("INFO " not in text.out, "text begins at medium")
    text.prints("192.168.0.17", "2 findings")
    bordertap("read", "--min-severity", "info", desktop).exits(0).prints("INFO      Bitdefender")
    json = bordertap("read", "--format", "json", "--min-severity", "medium", desktop).exits(0)
    same(json.records("finding"), [], "findings")
    same(len(json.records("host")), 1, "hosts")
    same(json.records("summary")[0]["findings"]["info"], 2, "findings of severity info in the summary")


def case_same_input_gives_the_same_bytes():
    for capture in sorted(os.listdir(captures)):
        if capture != "ORIGIN.md":
            path = os.path.join(captures, capture)
            for form in ("json", "text") if path in (kaspersky, desktop) else ("json",):
                first, second = (bordertap("read", "--flows", "--format", form, path).exits(0).bytes for _ in range(2))
                same(first, second, f"{capture} as {form}")


def case_records_are_the_same_with_any_number_of_threads():
    parts = split(desktop, 2)
    for arguments in ([desktop], parts, ["--max-flows", "64", desktop]):
        alone = bordertap("read", "--flows", "--format", "json", "--workers", "1", *arguments).exits(0).bytes
        for workers in ("2", "3", "8", "64"):
            many = bordertap("read", "--flows", "--format", "json", "--workers", workers, *arguments).exits(0).bytes
            same(many, alone, f"records with {workers} threads")


def case_findings_are_the_same_with_and_without_flows():
    plain = bordertap("read", "--format", "json", desktop).exits(0).records()
    flows = bordertap("read", "--format", "json", "--flows", desktop).exits(0).records()
    same([r for r in flows if r["type"] in ("finding", "host")], [r for r in plain if r["type"] != "summary"], "records")
    same(len([r for r in flows if r["type"] == "flow"]), flows[-1]["flows"], "flow records and flows counted")
    same(flows[-1]["type"], "summary", "the last record")


def case_flows_beyond_the_limit_are_counted():
    summary = bordertap("read", "--format", "json", "--max-flows", "16", desktop).exits(0).records("summary")[0]
    flow = summary["counters"]["flow"]
    true(flow["alive_peak"] <= 16, f"{flow['alive_peak']} at once")
    true(flow["ended_evicted"] + flow["closed_early_for_room"] > 0, f"none counted: {flow}")


def case_verbose_names_the_first_packet_refused():
    header, packets = packets_of(kaspersky)
    frame = packets[0][:16] + b"\xff" * (len(packets[0]) - 18) + b"\x08\x00"
    broken = bytearray(packets[3])
    broken[16 + 14] = 0x4F  # an IPv4 header length that does not fit is named
    write("odd.pcap", header + packets[0] + bytes(broken[:16 + 14]) + b"\x41" + bytes(broken[16 + 15:]) + frame)
    bordertap("read", "odd.pcap").exits(0).says_nothing()
    run = bordertap("read", "-v", "odd.pcap").exits(0)
    true("packet 2 is the first refused for " in run.err, run.err)


def case_verbose_names_what_is_lost_of_packets_that_count():
    header, packets = packets_of(kaspersky)
    cut = packets[4][:8] + (14 + 20 + 8).to_bytes(4, "little") + packets[4][12:16 + 14 + 20 + 8]
    write("cut.pcap", header + b"".join(packets[:4]) + cut + b"".join(packets[5:]))
    write("gap.pcap", header + b"".join(packets[:5] + packets[6:]))
    for path, reason in (("cut.pcap", "packet 5 is the first refused for tcp_header_snapped"), ("gap.pcap", "gaps_skipped")):
        bordertap("read", path).exits(0)
        true(reason in bordertap("read", "-v", path).exits(0).err, f"{path}: {reason} is not named")


def case_packets_of_an_unknown_link_type_are_named_in_any_mode():
    data = contents(kaspersky)
    write("other.pcap", data[:20] + (195).to_bytes(4, "little") + data[24:])
    write("odd.pcap", data[:20] + (147).to_bytes(4, "little") + data[24:])
    for options in ((), ("-q",), ("--format", "json"), ("-q", "--format", "json", "--workers", "3")):
        bordertap("read", *options, "odd.pcap").exits(0).says("15 packets have a link type", "147")
    bordertap("read", "odd.pcap").prints("0 findings", "counted: decode: link_type_unknown 15\n")
    bordertap("read", "-q", "--format", "json", "odd.pcap", kaspersky, "other.pcap").exits(0).says(
        "30 packets", "(147, 195 IEEE802_15_4")


def case_packets_that_were_cut_when_captured_are_counted():
    header, packets = packets_of(kaspersky)
    short = [p[:8] + (40).to_bytes(4, "little") + p[12:16 + 40] for p in packets[:2]]
    write("short.pcap", header + b"".join(short + packets[2:]))
    bordertap("read", "short.pcap").exits(0).says_nothing().prints("counted: source: packets_captured_short 2\n")


def rtt_of(*arguments):
    run = bordertap("read", *HOME, "--format", "json", "--sensor-pos", "37.88,-122.25,5", *arguments).exits(0)
    return run.records("finding")[-1]["rtt"], run.records("summary")[0]["rtt"]


def case_round_trips_are_timed_where_the_sensor_is_known():
    seen, total = rtt_of(kaspersky)
    same((seen["min_ms"], seen["terminates"], seen["samples"]), (144.258, "tcp", 1), "round trip")
    same((total["all"]["flows"], total["timed"]["flows"]), (1, 1), "flows")
    bordertap("read", *HOME, "--sensor-pos", "37.88,-122.25,5", kaspersky).exits(0).prints("round trip  144.258 ms to tcp: within ",
                                                                                   "one round trip each of 100 % of 1 flows")
    bordertap("read", *HOME, "--format", "json", kaspersky).exits(0).prints('"rtt":{"min_ms":null,"reason":"no sensor position"}')
    for bad in ("37.88,-122.25", "nan,0,1", "91,0,1", "here"):
        bordertap("read", "--sensor-pos", bad, kaspersky).exits(2).prints_nothing().says("--sensor-pos: '" + bad + "'")


def case_files_of_two_taps_time_nothing():
    header, packets = packets_of(kaspersky)
    halves = {False: header, True: header}
    for packet in packets:
        halves[packet[16 + 26:16 + 30] == bytes((128, 3, 116, 128))] += packet  # by the IPv4 source
    seen, total = rtt_of(write("out.pcap", halves[True]), write("in.pcap", halves[False]))
    same(seen, {"min_ms": None, "reason": "question and answer were captured by two clocks"}, "round trip")
    same((total["all"]["flows"], total["timed"]["flows"]), (1, 0), "flows")
