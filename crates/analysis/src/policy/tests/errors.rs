//! Errors of a policy: position, and plain words.

use crate::read_policy;

fn assert_errors(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = read_policy(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
        assert_has_no_word_of_the_parser(&error.to_string());
        assert!(!error.to_string().contains('\n') && error.hint().contains("docs/policy.md"), "{text}: {error}");
    }
}

#[test]
fn every_error_says_where_and_what_to_do() {
    let cases: &[(&str, &str)] = &[
        (
            "[[silence]]\nrule = 'ded_tuples'\nreason = 'r'\n",
            "line 2, column 8: rule \"ded_tuples\" does not exist: did you mean \"dead_tuples\"?",
        ),
        (
            "[[silence]]\nrule = ['fsync_off', 'qqq']\nreason = 'r'\n",
            "line 2, column 8: rule \"qqq\" does not exist: `pgdba rule` lists codes and names",
        ),
        (
            "\n[[silence]]\nrule = 'fsync_off'\n",
            "line 2, column 1: the reason is missing: add one, such as reason = \"refilled every night\"",
        ),
        ("[[silence]]\nrule = 'fsync_off'\nreason = '  '\n", "line 1, column 1: the reason is missing"),
        ("[[silence]]\nreason = 'r'\n", "line 1, column 1: the entry matches every finding"),
        (
            "[[silence]]\nrule = 'fsync_off'\nto = 'info'\nreason = 'r'\n",
            "line 1, column 1: silence does not take a severity",
        ),
        (
            "[[raise]]\nrule = 'fsync_off'\nreason = 'r'\n",
            "line 1, column 1: the severity is missing: add one, such as to = \"notice\"",
        ),
        (
            "[[raise]]\nrule = 'fsync_off'\nto = 'dreadful'\nreason = 'r'\n",
            "line 3, column 6: \"dreadful\" is not valid here: use one of \"",
        ),
        ("[[silence]]\narea = 'vacum'\nreason = 'r'\n", "line 2, column 8: \"vacum\" is not valid here: use one of \""),
        (
            "[[silence]]\nrule = 7\nreason = 'r'\n",
            "line 2, column 8: this must be a text in quotes or a list of texts, not 7",
        ),
        ("[[silence]]\nrule = []\nreason = 'r'\n", "an empty list matches nothing"),
    ];
    assert_errors(cases);
}

#[test]
fn every_error_of_dates_and_structure_says_where_and_what_to_do() {
    assert_errors(&[
        (
            "[[silence]]\nrule = 'fsync_off'\nreason = 'r'\nuntil = 2027-01-01T00:00:00Z\n",
            "line 4, column 9: until must be a date, such as until = 2027-01-01",
        ),
        ("[[silence]]\nrule = 'fsync_off'\nreason = 'r'\nuntil = 2027-13-01\n", "line 4, column"),
        (
            "[[silence]]\nrule = 'fsync_off'\nreason = 'r'\nuntil = '2027-01-01'\n",
            "line 4, column 9: this must be a date without quotes, such as 2027-01-01, not the text \"2027",
        ),
        (
            "[[silence]]\nrules = 'fsync_off'\nreason = 'r'\n",
            "line 2, column 1: the key \"rules\" does not exist here: use one of \"rule\", ",
        ),
        (
            "[[ignore]]\nrule = 'fsync_off'\n",
            "line 1, column 3: the key \"ignore\" does not exist here: use one of \"silence\", ",
        ),
        (
            "[silence]\nrule = 'fsync_off'\n",
            "line 1, column 1: this must be a list: use double brackets, as in [[silence]]",
        ),
        ("[[silence]\n", "the double brackets are not closed, as in [[silence]]"),
        ("[[accepted]]\nwarning = []\n", "the key \"cluster\" is missing"),
    ]);
}

fn assert_has_no_word_of_the_parser(message: &str) {
    for word in [
        "invalid type",
        "invalid value",
        "variant",
        "field",
        "sequence",
        "struct",
        "map",
        "spanned",
        "integer",
        "wanted",
        "array",
    ] {
        let unquoted: String = message.split('"').step_by(2).collect();
        assert!(!unquoted.contains(word), "{word}: {message}");
    }
}

#[test]
fn a_value_of_any_wrong_type_is_named_in_plain_words() {
    let values = ["7", "1.5", "true", "'text'", "2027-01-01", "[]", "[1]", "[[1]]", "{}", "{ a = 1 }", "''"];
    let keys = ["rule", "area", "kind", "database", "schema", "table", "name", "to", "reason", "until"];
    let lists = ["silence", "lower", "raise", "accepted"];
    let of_entry = keys.iter().flat_map(|key| values.map(|value| format!("[[lower]]\n{key} = {value}\n")));
    let of_accepted = ["cluster", "called", "on", "critical", "info"];
    let of_accepted = of_accepted.iter().flat_map(|key| values.map(|value| format!("[[accepted]]\n{key} = {value}\n")));
    let whole = lists.iter().flat_map(|list| values.map(|value| format!("{list} = {value}\n")));
    let mut errors = 0;
    for text in of_entry.chain(of_accepted).chain(whole) {
        let Err(error) = read_policy(text.as_bytes()) else { continue };
        errors += 1;
        assert_has_no_word_of_the_parser(&error.to_string());
    }
    assert!(errors > 150, "{errors}");
}

#[test]
fn a_hostile_file_is_refused_with_one_sentence() {
    let error = read_policy(b"# fine\n# \xff\n").unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 3: the policy is not UTF-8");
    let error = read_policy(&vec![b'#'; 17 * 1024 * 1024]).unwrap_err();
    assert_eq!(error.to_string(), "the policy is larger than 16 MiB");
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        let deep = format!("silence = {}1{}", open.repeat(100_000), close.repeat(100_000));
        let error = read_policy(deep.as_bytes()).unwrap_err();
        assert!(error.place.is_some() && error.message.len() < 300, "{error}");
    }
    let name = "é".repeat(100_000);
    let error = read_policy(format!("[[silence]]\nrule = '{name}'\nreason = 'r'\n").as_bytes()).unwrap_err();
    assert!(error.to_string().chars().count() < 300, "{} characters", error.to_string().chars().count());
}
