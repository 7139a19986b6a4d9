"""geo status and geo compare."""
import os

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


def case_override_shows_in_the_answer():
    write("overrides.yaml", "overrides:\n- {prefix: 77.74.176.0/22, country: CH, axis: location, author: noc@example.net,"
          " reason: moved in May, expires: 2099-01-01}\n")
    run = bordertap("lookup", "--geo", "overrides.yaml", "--geo", GEO, "77.74.177.233").exits(0).says_nothing()
    run.prints("override by noc@example.net until 2099-01-01: moved in May")
    write("overrides.yaml", "overrides:\n- {prefix: 77.74.176.0/22, country: CH, axis: location, expires: 2099-01-01}\n")
    bordertap("lookup", "--geo", "overrides.yaml", "77.74.177.233").exits(1).says("overrides.yaml:2", "author and reason")
