"""`--health`: what the sensor says of itself, by captures in which it is so."""
import os
import struct

from user import bordertap, desktop, packets_of, same, true, write



def health(*arguments):
    run = bordertap("read", "--format", "json", "--health", *arguments)
    records = [r for r in run.records() if r["type"] in ("health", "summary")]
    same(records[-1]["type"], "summary", "what closes the run")
    return {r["condition"]: r for r in records[:-1] if r["condition"] != "catalogue-stale"}


def changed(change, path=desktop):
    """A capture of the packets that @change makes of all (time in microseconds, wire length, bytes) of one."""
    header, packets = packets_of(path)
    found = []
    for packet in packets:
        sec, us, _, wire = struct.unpack_from("<IIII", packet)
        found.append((sec * 10**6 + us, wire, packet[16:]))
    records = [struct.pack("<IIII", t // 10**6, t % 10**6, len(data), wire) + data for t, wire, data in change(found)]
    return write("changed.pcap", header + b"".join(records))


def case_health_of_a_good_capture_is_silence():
    same(health(desktop), {}, "conditions of a good capture")


def case_health_is_not_told_unless_asked_for():
    path = changed(lambda packets: [p for packet in packets for p in (packet, packet)])
    same(bordertap("read", "--format", "json", path).exits(0).records("health"), [], "health records")
    true("HEALTH" not in bordertap("read", path).exits(0).out, "health in text")


def case_health_of_one_direction():
    def to_servers(packets):
        return [p for p in packets if p[2][12:14] == b"\x08\x00" and p[2][23] == 6 and p[2][36:38] == b"\x01\xbb"]

    told = health(changed(to_servers))
    same(list(told), ["one-direction"], "conditions")
    record = told["one-direction"]
    true(record["value"] > 90, f"share {record['value']}")
    same((record["threshold"], record["unit"], record["state"]), (20, "percent", "raised"), "threshold")
    true("subject" not in record and "window_sec" not in record, "it is about the sensor, and the whole run")


def case_health_of_duplicates():
    path = changed(lambda packets: [p for packet in packets for p in (packet, packet)])
    told = health(path)
    same(list(told), ["duplicates"], "conditions")
    true(45 <= told["duplicates"]["value"] <= 50, f"share {told['duplicates']['value']}")
    bordertap("read", "--health", path).exits(0).prints("HEALTH ", "(duplicates raised)", "came twice in the whole run")


def case_health_of_snapped_packets():
    told = health(changed(lambda packets: [(time, wire, data[:96]) for time, wire, data in packets]))
    true("packets-snapped" in told, f"only {list(told)}")
    true(told["packets-snapped"]["value"] > 100, "how many")


def case_health_of_a_clock_that_was_set():
    def stepped(packets):
        half = len(packets) // 2
        return packets[:half] + [(time - 3600 * 10**6, wire, data) for time, wire, data in packets[half:]]

    told = health(changed(stepped))
    true("clock-stepped" in told, f"only {list(told)}")
    same((told["clock-stepped"]["value"], told["clock-stepped"]["unit"]), (1, "steps"), "steps")


def case_health_of_packets_that_are_merely_disordered():
    same(health(changed(lambda packets: [packets[i ^ 1] for i in range(len(packets) & ~1)])), {}, "conditions")


def case_health_of_a_table_that_is_too_small():
    told = health("--max-flows", "16", desktop)
    same(list(told), ["flows-evicted"], "conditions")
    true("--max-flows" in told["flows-evicted"]["sentence"], "what to do")


def case_health_of_old_data():
    os.mkdir("2020-01-02")
    write("2020-01-02/places.csv", "1.0.0.0,1.0.0.255,AU\n")
    record = health("--geo", "role=location,file=2020-01-02/places.csv", desktop)["database-stale"]
    same((record["subject"], record["unit"], record["threshold"]), ("places", "days", 60), "record")
    true(record["value"] > 2000, "how old")


def case_health_is_the_same_with_any_number_of_workers():
    path = changed(lambda packets: [p for packet in packets[::2] for p in (packet, packet)])
    one, four = (health("--workers", n, "--max-flows", "16", path) for n in ("1", "4"))
    same(one, four, "records")
