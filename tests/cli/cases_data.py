"""lookup, catalog, policy, version, and location data that is missing or broken."""
import os
import shutil

import user
from user import bordertap, contents, kaspersky, root, same, true, write

GEO = os.path.join(root, "tests/data/geo")
POLICY = """id: mine
title: A policy of ours
kind: deny
axes: [location, vendor]
codes: [RU]
source: contract 4711
checked: 2026-11-20
"""


def case_lookup_of_a_name():
    run = bordertap("lookup", "--format", "json", "dnl-01.geo.kaspersky.com").exits(0).says_nothing()
    record = run.records("lookup")[0]
    same(record["product"]["vendor"], "kaspersky", "vendor")
    same(record["jurisdiction"]["vendor"]["countries"], ["RU"], "country of the vendor")
    same(record["jurisdiction"]["location"]["status"], "unknown", "a name has no place")
    bordertap("lookup", "dnl-01.geo.kaspersky.com").exits(0).says_nothing().prints("Kaspersky", "RU")


def case_lookup_does_not_mind_letter_case_and_root_dot():
    products = [r["product"] for r in bordertap("lookup", "--format", "json", "dnl-01.geo.kaspersky.com",
                                                "DNL-01.geo.Kaspersky.COM", "dnl-01.geo.kaspersky.com.").exits(0).records()]
    for product in products[1:]:
        same((product["id"], product["purpose"]), (products[0]["id"], products[0]["purpose"]), "product and purpose")


def case_lookup_of_addresses():
    records = bordertap("lookup", "--format", "json", "--geo", GEO, "192.0.2.1", "2001:db8::1", "8.8.8.8").exits(0).records()
    same([r["query"] for r in records], ["192.0.2.1", "2001:db8::1", "8.8.8.8"], "queries")
    for record in records[:2]:
        same(record["jurisdiction"]["location"]["status"], "unknown", "an address for documentation")


def case_lookup_keeps_the_order_of_a_list():
    text = "kaspersky.com\n\n# a comment\n 192.0.2.7 \r\n2001:db8::7\nexample.org"
    run = bordertap("lookup", "--format", "json", "--output", "file:also.json", "192.0.2.1", "-", "192.0.2.9", stdin=text.encode())
    queries = [r["query"] for r in run.exits(0).says_nothing().records("lookup")]
    same(queries, ["192.0.2.1", "kaspersky.com", "192.0.2.7", "2001:db8::7", "example.org", "192.0.2.9"], "order")
    same(contents("also.json"), run.bytes, "every feed gets every answer")


def case_lookup_names_a_bad_query_and_answers_the_rest():
    for bad in ("", "a b", "999.1.1.1", "8.8.8.8/32", "example..com", "x" * 300, "a\x1b[31m", "http://example.com/"):
        run = bordertap("lookup", "--format", "json", bad, "example.com").exits(1).says("neither a DNS name nor an address")
        same([r["query"] for r in run.records()], [bad, "example.com"], "a record for each query, in their order")
        same(run.records()[0]["product"], None, f"product of {bad!r}")
        for axis in ("location", "operator", "vendor", "transit"):
            judged = run.records()[0]["jurisdiction"][axis]
            same((judged["status"], judged["reason"]), ("unknown", "neither a DNS name nor an address"), f"{axis} of {bad!r}")
    run = bordertap("lookup", "--format", "json", "-", stdin=b"bad name\nexample.com\n&%\n").exits(1)
    same(len(run.records()), 3, "a record for each line")
    same(len(run.err.splitlines()), 2, "a sentence for each bad one")
    bordertap("lookup", "a b", "example.com").exits(1).prints("a b\n", "neither a DNS name nor an address", "example.com\n")


def case_catalog_is_sound():
    bordertap("catalog", "check").exits(0).says_nothing().prints(": 0 errors\n")


def case_catalog_list_and_show():
    lines = bordertap("catalog", "list").exits(0).says_nothing().out.splitlines()
    true(len(lines) > 50 and lines[0].startswith("PRODUCT"), lines[:2])
    bordertap("catalog", "show", "kaspersky").exits(0).says_nothing().prints("law of Russia", "indicators\n")
    bordertap("catalog", "show", "nope").exits(1).prints_nothing().says("'nope'", "catalog list")


def case_catalog_that_is_missing_or_broken_is_named():
    os.makedirs("empty")
    for arguments in (["read", kaspersky], ["lookup", "example.com"], ["catalog", "list"]):
        bordertap(*arguments, "--catalog", "empty").exits(1).prints_nothing().says("empty/products", "No such file")
    shutil.copytree(os.path.join(root, "catalog"), "mine")
    write("mine/products/kaspersky.yaml", "vendor: {id: kaspersky\n")
    bordertap("catalog", "check", "--catalog", "mine").exits(1).prints("mine/products/kaspersky.yaml:", "error", "errors\n")
    bordertap("read", "--catalog", "mine", kaspersky).exits(1).prints_nothing().says("mine/products/kaspersky.yaml:")


def case_catalog_is_taken_from_the_environment():
    user.environment["BORDERTAP_CATALOG"] = "nowhere"
    bordertap("catalog", "list").exits(1).says("nowhere/products")
    bordertap("catalog", "list", "--catalog", os.path.join(root, "catalog")).exits(0)


def case_installed_program_finds_its_catalogue_wherever_it_was_put():
    os.makedirs("somewhere/bin")
    os.makedirs("somewhere/share/bordertap")
    shutil.copy(user.program, "somewhere/bin/bordertap")
    shutil.copytree(os.path.join(root, "catalog"), "somewhere/share/bordertap/catalog")
    built, user.program = user.program, os.path.abspath("somewhere/bin/bordertap")
    try:
        bordertap("catalog", "list").exits(0).prints("kaspersky")
        shutil.rmtree("somewhere/share/bordertap/catalog/products")
        bordertap("catalog", "list").exits(1).says("somewhere/share/bordertap/catalog/products")
    finally:
        user.program = built


def case_policies_are_sound():
    run = bordertap("policy", "check").exits(0).says_nothing().prints("0 errors\n")
    true(":0:" not in run.out, "a line 0 is no line")


def case_policy_list_and_show():
    bordertap("policy", "list").exits(0).says_nothing().prints("us-kaspersky", "eu-gdpr-adequate", "allow")
    bordertap("policy", "show", "us-kaspersky").exits(0).prints("vendor kaspersky", "source:")
    bordertap("policy", "show", "nope").exits(1).prints_nothing().says("'nope'", "us-kaspersky")
    write("mine.yaml", POLICY)
    bordertap("policy", "show", "mine.yaml").exits(0).prints("A policy of ours", "RU Russia")


def case_policy_check_names_each_problem_with_its_line():
    write("good.yaml", POLICY)
    bordertap("policy", "check", "good.yaml").exits(0).prints("0 errors\n")
    write("bad.yaml", POLICY.replace("vendor]", "vendr]").replace("[RU]", "[UK, RU, RU]"))
    run = bordertap("policy", "check", "bad.yaml", "good.yaml").exits(1).says_nothing()
    run.prints("bad.yaml:4: error: ", "'vendr'", "bad.yaml:5: error: ", "GB is meant", "errors\n")
    bordertap("policy", "check", "none.yaml").exits(1).prints("none.yaml: error", "No such file", "1 error\n")


def case_policy_file_is_used():
    write("mine.yaml", POLICY)
    finding = bordertap("read", "--format", "json", "--policy", "mine.yaml", kaspersky).exits(0).records("finding")[0]
    same(finding["verdicts"], {"mine": {"location": "unknown", "vendor": "in"}}, "verdicts")
    write("mine.yaml", POLICY.replace("[RU]", "[UK]"))
    bordertap("read", "--policy", "mine.yaml", kaspersky).exits(2).prints_nothing().says("mine.yaml:5:", "GB is meant")


def case_flag_is_a_policy_on_every_axis():
    finding = bordertap("read", "--format", "json", "--flag", "RU", kaspersky).exits(0).records("finding")[0]
    same(sorted(finding["verdicts"]["flag"]), ["location", "operator", "transit", "vendor"], "axes")


def case_version_names_libraries_catalogue_and_data():
    bordertap("version").exits(0).says_nothing().prints("bordertap ", "libpcap", "nDPI", "catalogue ", "no location data")
    bordertap("--version").exits(0).prints("catalogue ")
    bordertap("version", "--geo", os.path.join(GEO, "dbip-country.mmdb")).exits(0).prints("dbip-country.mmdb", "role location")


def case_missing_databases_are_told_and_the_run_goes_on():
    os.mkdir("empty")
    run = bordertap("read", "--format", "json", "--geo", "empty", kaspersky).exits(0).says("empty", "no databases", "location-data")
    same(run.records("finding")[0]["jurisdiction"]["location"]["reason"], "no location database loaded", "reason")
    true(any("no location database" in w for w in run.records("summary")[0]["warnings"]), "the summary warns")
    bordertap("read", "-q", "--geo", "empty", kaspersky).exits(0).says_nothing()
    user.environment["BORDERTAP_GEO_DIR"] = "empty"
    bordertap("read", kaspersky).exits(0).says("empty", "no databases")


def case_geo_path_that_is_not_there_is_named():
    bordertap("read", "--geo", "none", kaspersky).exits(1).prints_nothing().says("none", "no such file")


def case_broken_database_is_one_sentence():
    whole = contents(os.path.join(GEO, "dbip-country.mmdb"))
    middle = len(whole) // 2
    broken = {"empty.mmdb": b"", "text.mmdb": b"no database\n", "half.mmdb": whole[:middle], "tail.mmdb": whole[-400:],
              "zeros.mmdb": bytes(len(whole)), "hole.mmdb": whole[:60] + b"\xff" * (middle - 60) + whole[middle:]}
    for name, content in broken.items():
        run = bordertap("read", "--geo", write(name, content), kaspersky)
        true(run.status in (0, 1), f"{name}: exit {run.status}: {run.err}")
        if run.status == 1:
            run.prints_nothing().says(name)
    bordertap("lookup", "--geo", "text.mmdb", "8.8.8.8").exits(1).prints_nothing().says("text.mmdb")


def case_broken_database_in_a_folder_is_told_and_the_run_goes_on():
    os.mkdir("data")
    shutil.copy(os.path.join(GEO, "dbip-country.mmdb"), "data")
    write("data/iptoasn-country.mmdb", b"no database\n")
    user.environment["BORDERTAP_GEO_DIR"] = "data"
    for options in ((), ("-q",), ("--geo", "data")):
        run = bordertap("read", "--format", "json", *options, kaspersky).exits(0).says("data/iptoasn-country.mmdb", "going on without it")
        true(any("iptoasn-country.mmdb" in w for w in run.records("summary")[0]["warnings"]), "the summary warns")
        location = run.records("finding")[0]["jurisdiction"]["location"]
        true(location["reason"] != "no location database loaded", "the whole one is used")
    bordertap("lookup", "8.8.8.8").exits(0).says("data/iptoasn-country.mmdb", "going on without it")
    bordertap("read", "--geo", "data/iptoasn-country.mmdb", kaspersky).exits(1).prints_nothing().says("iptoasn-country.mmdb")


def case_database_is_used():
    database = os.path.join(GEO, "dbip-country.mmdb")
    finding = bordertap("read", "--format", "json", "--geo", database, kaspersky).exits(0).records("finding")[0]
    true(finding["jurisdiction"]["location"]["reason"] != "no location database loaded", "a database was loaded")


def big_database():
    """More than 4 MiB: smaller ones are not kept. 94.75.236.123 is in NL, its neighbours in DE."""
    lines = [f"94.{i >> 8 & 255}.{i & 255}.{low},94.{i >> 8 & 255}.{i & 255}.{low + 31},{'DE' if (i, low) != (0x4BEC, 96) else 'NL'}\n"
             for i in range(65536) for low in range(0, 256, 32)]
    return write("dbip-country.csv", "".join(lines))


def case_kept_databases_give_the_same_and_damage_to_them_does_nothing():
    database, wanted = big_database(), None
    for damage in (None, lambda data: data, lambda data: data[:100], lambda data: b"", lambda data: data[:-9] + b"\xff" * 9,
                   lambda data: data[:64] + b"\xff" * (len(data) - 64)):
        for folder, _, files in os.walk(".cache"):
            for file in files:
                path = os.path.join(folder, file)
                write(path, damage(contents(path)))
        run = bordertap("read", "--format", "json", "--geo", database, kaspersky).exits(0).says_nothing()
        same(run.records("finding")[0]["jurisdiction"]["location"]["countries"], ["NL"], "location")
        wanted = wanted or run.bytes
        same(run.bytes, wanted, "records")
        true(any(files for _, _, files in os.walk(".cache")), "something is kept")
    user.environment["XDG_CACHE_HOME"] = "/proc/nowhere"
    run = bordertap("read", "--format", "json", "--geo", database, kaspersky).exits(0).says_nothing()
    same(run.bytes, wanted, "without a place to keep them")
