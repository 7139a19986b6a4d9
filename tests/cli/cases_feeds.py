"""Where records go: standard output, files, sockets, terminals, and what happens when that fails."""
import json
import os
import pty
import socket
import subprocess
import threading

import user
from user import bordertap, contents, desktop, kaspersky, same, true, write


def on_terminal(*arguments, **more):
    """What the program writes to a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([user.program, *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE,
                               env={**user.environment, **more})
    os.close(slave)
    got = b""
    try:
        while part := os.read(master, 65536):
            got += part
    except OSError:  # the last writer is gone
        pass
    process.communicate()
    os.close(master)
    same(process.returncode, 0, "exit status")
    return got


def case_colour_is_for_terminals_only():
    true(b"\x1b[" in on_terminal("read", kaspersky), "no colour on a terminal")
    true(b"\x1b[" not in on_terminal("read", kaspersky, NO_COLOR="1"), "colour in spite of NO_COLOR")
    true(b"\x1b[" in on_terminal("read", kaspersky, NO_COLOR=""), "an empty NO_COLOR means nothing")
    true(b"\x1b[" not in on_terminal("read", "--format", "json", kaspersky), "colour in json")
    true(b"\x1b[" not in bordertap("read", kaspersky).bytes, "colour in a pipe")
    bordertap("read", "--output", "file:t.txt?format=text", kaspersky).exits(0)
    true(b"\x1b[" not in contents("t.txt"), "colour in a file")


def case_json_is_one_object_a_line():
    run = bordertap("read", "--flows", "--format", "json", desktop).exits(0).says_nothing()
    kinds = {r["type"] for r in run.records()}
    same(kinds, {"flow", "finding", "host", "summary"}, "kinds of records")


def case_output_is_a_further_feed():
    want = bordertap("read", "--format", "json", kaspersky).exits(0).bytes
    run = bordertap("read", "--output", "file:out.json", kaspersky).exits(0).says_nothing().prints("CRITICAL  Kaspersky")
    same(contents("out.json"), want, "the file")
    same(run.bytes, bordertap("read", kaspersky).bytes, "standard output")


def case_output_is_appended_to():
    for _ in range(2):
        bordertap("read", "-q", "--output", "file:out.json", kaspersky).exits(0)
    half = len(contents("out.json")) // 2
    same(contents("out.json")[:half], contents("out.json")[half:], "both runs")


def case_each_output_has_its_own_format_severity_and_flows():
    bordertap("read", "--flows", "--output", "file:a.txt?format=text&min-severity=info", "--output",
              "file:b.json?min-severity=critical&flows=false", "--output", "file:with%3Fmark.json?flows", desktop).exits(0)
    true(b"INFO      Bitdefender" in contents("a.txt"), "text from info on")
    kinds = [json.loads(line)["type"] for line in contents("b.json").splitlines()]
    same(kinds, ["host", "summary"], "no finding is critical, no flow is wanted")
    true(b'"type":"flow"' in contents("with?mark.json"), "flows")


def case_output_that_cannot_be_opened_is_named():
    bordertap("read", "--output", "file:none/x.json", kaspersky).exits(1).prints_nothing().says("none/x.json", "No such file")
    bordertap("read", "--output", "unix:none.sock", kaspersky).exits(1).prints_nothing().says("none.sock", "listen")


def case_socket_gets_the_records():
    want = bordertap("read", "--format", "json", kaspersky).bytes
    got = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.sock")
        listener.listen()

        def listen():
            connection, _ = listener.accept()
            with connection:
                while part := connection.recv(65536):
                    got.append(part)
        thread = threading.Thread(target=listen)
        thread.start()
        bordertap("read", "--output", "unix:s.sock", kaspersky).exits(0).says_nothing()
        thread.join(10)
    same(b"".join(got), want, "what the socket got")


def case_full_device_is_told():
    for arguments in (["read", kaspersky], ["read", "--format", "json", kaspersky], ["lookup", "192.0.2.1"], ["catalog", "list"],
                      ["catalog", "show", "kaspersky"], ["policy", "list"], ["version"], ["--help"]):
        with open("/dev/full", "wb") as full:
            bordertap(*arguments, stdout=full).exits(1).says("No space left on device")
    run = bordertap("read", "--output", "file:/dev/full", kaspersky).exits(1).says("/dev/full", "No space left on device")
    run.prints("CRITICAL", "1 finding")


def case_full_device_wins_over_fail_on():
    with open("/dev/full", "wb") as full:
        bordertap("read", "--fail-on", "info", kaspersky, stdout=full).exits(1)


def case_reader_that_went_away_is_told():
    for arguments in (["read", "--flows", "--format", "json", desktop], ["read", kaspersky], ["catalog", "list"]):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            bordertap(*arguments, stdout=writing).exits(1).says("Broken pipe")
        finally:
            os.close(writing)


def case_progress_is_for_terminals_only():
    bordertap("read", write("copy.pcap", contents(desktop))).exits(0).says_nothing()
