"""Commands, options and the configuration file: what is wrong is named in one sentence, before anything is read."""
from user import bordertap, desktop, kaspersky, same, true, write

COMMANDS = ("read", "lookup", "catalog", "policy", "paths", "version")


def case_no_command_shows_the_usage_and_exits_2():
    run = bordertap().exits(2).prints_nothing()
    true(run.err.startswith("usage: bordertap "), run.err)
    for command in COMMANDS:
        true(f"\n  {command} " in run.err, command)


def case_help_goes_to_standard_output():
    for argument in ("--help", "-h", "help"):
        bordertap(argument).exits(0).says_nothing().prints("usage: ", "--home-net", "exit: 0 done")
    for command in COMMANDS:
        bordertap(command, "--help").exits(0).says_nothing().prints(f"usage: bordertap {command}", "--fail-on")


def case_unknown_command_names_the_nearest():
    bordertap("raed").exits(2).prints_nothing().says("'raed'", "did you mean 'read'?")
    bordertap("xyzzy").exits(2).prints_nothing().says("'xyzzy'", "--help")


def case_unknown_option_names_the_nearest():
    bordertap("read", "--home-nt", "10.0.0.0/8", kaspersky).exits(2).prints_nothing().says("'--home-nt'", "'--home-net'")
    bordertap("read", "--home-nt=10.0.0.0/8", kaspersky).exits(2).says("did you mean '--home-net'?")
    bordertap("read", "--zzzzzz", kaspersky).exits(2).says("'--zzzzzz'", "`bordertap --help`")


def case_unknown_letter_is_named_wherever_it_stands():
    for word in ("-z", "-zq", "-qz"):
        bordertap("read", word, kaspersky).exits(2).says("unknown option '-z'")


def case_missing_and_needless_values_are_named():
    bordertap("read", "--home-net").exits(2).says("--home-net needs a value", "CIDR")
    bordertap("read", "-c").exits(2).says("--config needs a value", "FILE")
    bordertap("read", "--flows=1", kaspersky).exits(2).says("--flows takes no value")


def case_commands_want_their_arguments():
    bordertap("read").exits(2).says("capture file")
    bordertap("lookup").exits(2).says("name or an address")
    for arguments in (["catalog"], ["catalog", "show"], ["catalog", "list", "more"], ["catalog", "shwo", "x"]):
        bordertap(*arguments).exits(2).prints_nothing().says("`list`", "`show ID`", "`check`")
    for arguments in (["policy"], ["policy", "show"], ["policy", "list", "more"]):
        bordertap(*arguments).exits(2).prints_nothing().says("`list`", "`show ID`", "`check [FILE...]`")
    bordertap("version", "more").exits(2).prints_nothing().says("no argument", "'more'")


def case_levels_and_numbers_are_checked():
    for option in ("--min-severity", "--fail-on"):
        bordertap("read", option, "hgh", kaspersky).exits(2).says(option, "'hgh'", "info, low, medium, high or critical")
    for number in ("3", "-1", "1e3", "999999999999999999999", ""):
        bordertap("read", "--max-flows", number, kaspersky).exits(2).says("--max-flows", f"'{number}'")
    for number in ("0", "65", "-1", "two", ""):
        bordertap("read", "--workers", number, kaspersky).exits(2).says("--workers", f"'{number}'")


def case_home_net_must_be_prefixes():
    for bad in ("300.1.1.1/8", "10.0.0.0/33", "10.0.0.1/8", "home", "10.0.0.0/8,", ""):
        bordertap("read", "--home-net", bad, kaspersky).exits(2).prints_nothing().says("--home-net", "192.0.2.0/24")
    bordertap("read", "--home-net", "2001:db8::/32,128.3.0.0/16", kaspersky).exits(0)


def case_country_codes_are_checked():
    bordertap("read", "--flag", "RU,CN", kaspersky).exits(0)
    bordertap("read", "--flag", "UK", kaspersky).exits(2).prints_nothing().says("'UK'", "GB is meant")
    bordertap("read", "--flag", "ru", kaspersky).exits(2).says("RU is meant")
    for bad in ("ZZ", "RU,ZZ", "RUS", "RU,,CN", ""):
        bordertap("read", "--flag", bad, kaspersky).exits(2).says("--flag", "ISO 3166-1")


def case_policy_that_was_not_checked_for_long_is_used_with_a_warning():
    write("old.yaml", "id: old\ntitle: old\nkind: deny\naxes: [vendor]\ncodes: [RU]\nsource: none\nchecked: 2020-01-01\n")
    words = "policy old was last checked on 2020-01-01, more than 180 days ago"
    records = bordertap("read", "--format", "json", "--policy", "old.yaml", kaspersky).exits(0).says_nothing().records()
    true(any(words in w for w in records[-1]["warnings"]), records[-1]["warnings"])
    true(records[0]["flagged"] == [{"axis": "vendor", "country": "RU", "policy": "old"}], records[0]["flagged"])
    bordertap("lookup", "--policy", "old.yaml", "8.8.8.8").exits(0).says(words).prints("8.8.8.8")
    bordertap("lookup", "-q", "--policy", "old.yaml", "8.8.8.8").exits(0).says_nothing()


def case_unknown_policy_lists_those_there_are():
    bordertap("read", "--policy", "nope", kaspersky).exits(2).prints_nothing().says("'nope'", "us-kaspersky")
    bordertap("read", "--policy", "us-kaspersk", kaspersky).exits(2).says("perhaps 'us-kaspersky'")


def case_unknown_format_and_output_are_named():
    bordertap("read", "--format", "yaml", kaspersky).exits(2).says("'yaml'", "text and json")
    bordertap("read", "--output", "there", kaspersky).exits(2).says("'there'", "file:PATH")
    bordertap("read", "--output", "tcp:1", kaspersky).exits(2).says("'tcp'", "file:PATH")
    bordertap("read", "--output", "file:", kaspersky).exits(2).says("'file:'")
    bordertap("read", "--output", "file:x?fromat=json", kaspersky).exits(2).says("'fromat'", "'format'")
    bordertap("read", "--output", "file:x?min-severity=hgh", kaspersky).exits(2).says("'hgh'", "critical")


# ---- configuration file


def case_configuration_is_used():
    write("c.yaml", "home-net: 128.3.0.0/16\nformat: json\nfail-on: critical\nflows: yes\nsensor: tap-7\n"
                    "policy: [us-bulk-data, us-kaspersky]\n")
    run = bordertap("read", "-c", "c.yaml", kaspersky).exits(3).says_nothing()
    same([r["type"] for r in run.records()].count("flow"), 1, "flow records")
    finding = run.records("finding")[0]
    same(finding["sensor"], "tap-7", "sensor")
    same(sorted(finding["verdicts"]), ["us-bulk-data", "us-kaspersky"], "policies")


def case_command_line_wins_over_the_configuration():
    write("c.yaml", "format: json\nfail-on: critical\npolicy: [us-bulk-data]\n")
    bordertap("read", "-c", "c.yaml", "--format", "text", kaspersky).exits(3).prints("CRITICAL  Kaspersky")
    finding = bordertap("read", "--policy", "us-kaspersky", "-c", "c.yaml", kaspersky).exits(3).records("finding")[0]
    same(list(finding["verdicts"]), ["us-kaspersky"], "policies")


def case_switch_that_is_false_is_off():
    write("c.yaml", "flows: false\nquiet: no\nformat: json\n")
    same(bordertap("read", "-c", "c.yaml", kaspersky).exits(0).records("flow"), [], "flow records")


def case_unknown_key_is_named_with_line_and_nearest():
    write("c.yaml", "format: json\nhome-nett: 10.0.0.0/8\n")
    bordertap("read", "-c", "c.yaml", kaspersky).exits(2).prints_nothing().says("c.yaml:2:", "'home-nett'", "'home-net'")
    write("c.yaml", "zzzzzz: 1\n")
    bordertap("read", "-c", "c.yaml", kaspersky).exits(2).says("c.yaml:1:", "'zzzzzz'", "long options")


def case_wrong_values_are_named_with_file_and_line():
    for text, line, word in (("format: [json]\n", 1, "one word"), ("\nfail-on: hgh\n", 2, "'hgh'"),
                             ("flows: maybe\n", 1, "true or false"), ("geo: [[x]]\n", 1, "list of words"),
                             ("max-flows: 1\n", 1, "'1'"), ("config: other.yaml\n", 1, "command line only"),
                             ("format: json\nformat: text\n", 2, "twice"), ("- a\n", 1, "option: value"),
                             ("a: [\n", 2, ""), ("", 1, "empty")):
        write("c.yaml", text)
        bordertap("read", "-c", "c.yaml", kaspersky).exits(2).prints_nothing().says(f"c.yaml:{line}:", word)


def case_configuration_that_cannot_be_read_is_named():
    bordertap("read", "-c", "none.yaml", kaspersky).exits(2).says("none.yaml", "No such file")
    bordertap("read", "-c", ".", kaspersky).exits(2).says("bordertap: .")
    write("c.yaml", bytes(range(256)))
    bordertap("read", "-c", "c.yaml", desktop).exits(2).says("c.yaml")


def case_what_was_typed_never_steers_the_terminal():
    for typed, shown in (("a\x1b[31m b", "a\\x1b[31m b"), ("a\nb", "a\\x0ab"), ("a\x9b2J", "a\\u{9b}2J"), ("\x7f", "\\x7f")):
        bordertap("read", typed).exits(1).says(shown)
        bordertap(typed).exits(2).says(shown)
