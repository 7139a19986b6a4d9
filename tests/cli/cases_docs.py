"""The documents keep up with the program: every option, field, command and counter group is in them."""
import json
import os
import re
import shutil
import subprocess

from user import bordertap, desktop, kaspersky, root, same, true, write


def document(name):
    with open(os.path.join(root, "docs", name), encoding="utf-8") as file:
        return file.read()


def options_of_help():
    return re.findall(r"^ +(?:-\w, |    )--([a-z-]+)", bordertap("--help").exits(0).out, re.MULTILINE)


def case_manual_page_has_every_option_and_no_other():
    documented = re.findall(r"^\.It Fl (?:\w , )?-([a-z-]+)", document("bordertap.1"), re.MULTILINE)
    same(documented, options_of_help(), "options in the manual page and in the help")


def case_manual_page_has_every_command():
    commands = re.findall(r"^  ([a-z]+) ", bordertap("--help").exits(0).out.split("options:")[0], re.MULTILINE)
    documented = re.findall(r"^\.It Cm (\w+)", document("bordertap.1"), re.MULTILINE)
    same(sorted(set(documented)), sorted(commands), "commands")


def case_manual_page_is_well_formed():
    if shutil.which("mandoc"):
        run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(root, "docs/bordertap.1")],
                             stdout=subprocess.PIPE, check=False)
        same(run.stdout.decode(), "", "what mandoc says")


def fields_of(schema, node):
    """Names of all properties under a node of the schema, through its references."""
    if isinstance(node, dict):
        for name, below in node.get("properties", {}).items():
            yield name
            yield from fields_of(schema, below)
        for key, below in node.items():
            if key == "$ref":
                yield from fields_of(schema, schema["$defs"][below.split("/")[-1]])
            elif key != "properties":
                yield from fields_of(schema, below)
    elif isinstance(node, list):
        for below in node:
            yield from fields_of(schema, below)


def case_record_reference_names_every_field_of_the_schema():
    schema, text = json.loads(document("record.schema.json")), document("records.md")
    words = set(re.findall(r"[a-z0-9_]+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    for record in ("finding", "flow", "host", "health", "summary", "lookup", "kept-finding"):
        true(f"\n## {record}\n" in text, f"no chapter on {record}")
        missing = sorted(set(fields_of(schema, schema["$defs"]["record_" + record.replace("-", "_")])) - words)
        same(missing, [], f"fields of {record} that are not described")


def case_record_reference_names_every_group_of_counters():
    text = document("records.md")
    counters = bordertap("read", "--format", "json", desktop).exits(0).records("summary")[0]["counters"]
    for group in counters:
        true(f"| `{group}` |" in text or group == "geo", f"group {group} is not described")


def case_dashboard_is_json_with_a_query_in_every_panel():
    board = json.loads(document("grafana-dashboard.json"))
    true(len(board["panels"]) > 10, "panels")
    for panel in board["panels"]:
        true(panel["title"] and panel["targets"], f"panel {panel['id']} asks for nothing")
        true(all(target["expr"] for target in panel["targets"]), f"panel {panel['id']} has an empty query")
    same(len({panel["id"] for panel in board["panels"]}), len(board["panels"]), "different ids")
    if not shutil.which("promtool"):
        print("promtool is not installed (Debian: prometheus): it did not check the dashboard's queries")
        return
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [{"record": f"query:{i}", "expr": query.replace("$__rate_interval", "1m")} for i, query in enumerate(queries)]
    write("rules.json", json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # YAML has JSON in it
    run = subprocess.run(["promtool", "check", "rules", "rules.json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         check=False)
    same(run.returncode, 0, f"promtool says: {run.stdout.decode()}")


def case_examples_of_the_manual_page_run():
    page = document("bordertap.1")
    for command, words in ((f"read --home-net 128.3.0.0/16 {kaspersky}", ["CRITICAL"]),
                           (f"read --min-severity info {desktop}", ["INFO "]),
                           (f"read --flag RU,CN --policy us-kaspersky,eu-gdpr-adequate {kaspersky}", ["flagged by"]),
                           ("lookup dnl-01.geo.kaspersky.com 77.88.8.8", ["Kaspersky", "77.88.8.8"])):
        start = " ".join(command.split()[:3])
        true(start in " ".join(page.split()), f"{start!r} is no longer an example")
        bordertap(*command.split()).exits(0).prints(*words)
