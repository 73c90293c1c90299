//! What holds of every file and every sequence of statements.

use pgdba_pg::parameter::ValueError;
use proptest::prelude::*;

use super::*;

const MAJOR: i64 = 17;

const NAMES: [&str; 6] =
    ["work_mem", "Work_Mem", "search_path", "log_line_prefix", "auto_explain.log_level", "datestyle"];

fn entry(name: &str, value: &str) -> Entry {
    Entry { name: name.to_owned(), value: value.as_bytes().to_vec() }
}

fn file(entries: &[(&str, &str)]) -> AutoConf {
    AutoConf::of(entries.iter().map(|(name, value)| entry(name, value)).collect())
}

fn set(name: &str, literals: &[&str]) -> Alter {
    Alter::Set { name: name.to_owned(), literals: literals.iter().map(|&literal| literal.to_owned()).collect() }
}

fn reset(name: &str) -> Alter {
    Alter::Reset { name: name.to_owned() }
}

fn run(from: &AutoConf, alters: &[Alter]) -> AutoConf {
    alters.iter().fold(from.clone(), |file, alter| file.after(alter, MAJOR))
}

fn any_alter() -> impl Strategy<Value = Alter> {
    let name = || prop::sample::select(&NAMES[..]);
    let literals = prop::collection::vec("[a-cA '\\\\,\"ä]{0,3}", 1..3);
    let set = (name(), literals).prop_map(|(name, literals)| Alter::Set { name: name.to_owned(), literals });
    prop_oneof![2 => set, 1 => name().prop_map(reset)]
}

/// A file that the server itself wrote, of any history.
fn any_file() -> impl Strategy<Value = AutoConf> {
    prop::collection::vec(any_alter(), 0..9).prop_map(|alters| run(&file(&[]), &alters))
}

/// A file of any entries: with duplicates, with lists that no statement spells so, with bytes that are no text.
fn any_entries() -> impl Strategy<Value = AutoConf> {
    let value = prop_oneof![
        3 => "[ab', ]{0,4}".prop_map(String::into_bytes),
        1 => prop::collection::vec(prop::sample::select(&[b'a', b'\'', b'\\', b'\r', 0xff][..]), 0..3),
    ];
    let entry =
        (prop::sample::select(&NAMES[..]), value).prop_map(|(name, value)| Entry { name: name.to_owned(), value });
    prop::collection::vec(entry, 0..7).prop_map(AutoConf::of)
}

proptest! {
    #[test]
    fn what_is_rendered_reads_as_it_was(file in any_entries()) {
        let read = AutoConf::read(&file.render()).unwrap();
        prop_assert!(read.is_canonical());
        prop_assert_eq!(read, file);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(prop::sample::select(&b"a.='\\ \n1-+0x#\"\xc3\xa4e\0"[..]), 0..24)) {
        if let Ok(file) = AutoConf::read(&bytes) {
            prop_assert_eq!(file.bytes(), bytes);
        }
    }

    #[test]
    fn the_way_back_is_found_from_wherever_a_change_or_the_way_itself_was_broken_off(
        target in any_file(), alters in prop::collection::vec(any_alter(), 0..7),
    ) {
        let restore = steps(&run(&target, &alters), &target, MAJOR);
        prop_assert!(restore.exact(), "{:?}", restore.reasons);
        let mut current = run(&target, &alters);
        for (done, step) in restore.steps.iter().enumerate() {
            let again = steps(&current, &target, MAJOR);
            prop_assert_eq!(&again.steps, &restore.steps[done..]);
            current = current.after(step, MAJOR);
        }
        prop_assert_eq!(current.render(), target.render());
        prop_assert!(steps(&current, &target, MAJOR).steps.is_empty());
    }

    #[test]
    fn no_shorter_way_is_there(target in any_file(), alters in prop::collection::vec(any_alter(), 0..3)) {
        // What was altered once, and what stood behind it, are all that need be touched.
        let current = run(&target, &alters);
        let restore = steps(&current, &target, MAJOR);
        let needed = shortest(&current, &target);
        prop_assert_eq!(restore.steps.len(), needed, "{:?}", restore.steps);
    }

    #[test]
    fn where_the_target_cannot_be_reached_the_nearest_is_and_the_reason_is_said(
        current in any_entries(), target in any_entries(),
    ) {
        let restore = steps(&current, &target, MAJOR);
        let reached = run(&current, &restore.steps);
        prop_assert_eq!(restore.exact(), reached.render() == target.render(), "{:?}", restore.reasons);
        let rest = steps(&reached, &target, MAJOR);
        prop_assert!(rest.steps.is_empty(), "{:?}", rest.steps);
        for entry in target.entries() {
            let counts = target.get(&entry.name).and_then(Entry::text);
            let is_writable = counts.is_some_and(|text| set_of(&entry.name, text, MAJOR).is_ok());
            prop_assert!(!is_writable || reached.get(&entry.name).is_some(), "{} is lost", entry.name);
        }
        for entry in reached.entries() {
            prop_assert!(target.get(&entry.name).is_some(), "{} is too much", entry.name);
        }
    }

    #[test]
    fn what_a_user_wrote_is_what_is_read_again(name in prop::sample::select(&NAMES[..]), text in "[aA ,\"'\\\\b]{0,8}") {
        if let Ok(alter) = set_of(name, &text, MAJOR) {
            let written = alter.written(MAJOR).unwrap();
            let again = set_of(name, &written, MAJOR).unwrap();
            prop_assert_eq!(&again, &alter);
            prop_assert_eq!(set_from_file(name, written.as_bytes(), MAJOR), Some(alter));
        }
    }

    #[test]
    fn others_stay_as_they_are_where_ours_are_put_back(former in any_file(), theirs in prop::collection::vec(any_alter(), 0..5)) {
        let ours = ["work_mem", "search_path"];
        let is_ours = |entry: &&Entry| ours.iter().any(|name| entry.is(name));
        let current = run(&former, &theirs);
        let target = with_only(&current, &ours, &former);
        let others = |file: &AutoConf| file.entries().iter().filter(|entry| !is_ours(entry)).cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&target), others(&current));
        for name in ours {
            prop_assert_eq!(target.get(name), former.get(name));
        }
        prop_assert_eq!(with_only(&target, &ours, &former), target);
    }
}

/// How many statements the shortest way takes, found by counting what must be touched: of the parameters that are untouched the entries
/// must be those of the target, and stand before all others.
fn shortest(current: &AutoConf, target: &AutoConf) -> usize {
    if current.bytes() == target.bytes() {
        return 0;
    }
    let lower = |entry: &Entry| entry.name.to_ascii_lowercase();
    let mut names: Vec<_> = current.entries().iter().chain(target.entries()).map(lower).collect();
    names.sort_unstable();
    names.dedup();
    let ways = (0..1_u32 << names.len()).filter_map(|touched| {
        let is_touched =
            |entry: &&Entry| names.iter().position(|name| entry.is(name)).is_some_and(|at| touched >> at & 1 == 1);
        let untouched: Vec<_> = current.entries().iter().filter(|entry| !is_touched(entry)).collect();
        let set: Vec<_> = target.entries().iter().filter(is_touched).collect();
        let reached: Vec<_> = untouched.into_iter().chain(set).collect();
        reached.into_iter().eq(target.entries()).then_some(touched.count_ones() as usize)
    });
    ways.min().unwrap()
}

#[test]
fn statements_are_written_as_the_grammar_takes_them() {
    let cases = [
        (set("work_mem", &["64MB"]), "ALTER SYSTEM SET work_mem = '64MB'"),
        (set("auto_explain.log_level", &["it's"]), "ALTER SYSTEM SET auto_explain.log_level = 'it''s'"),
        (set("DateStyle", &["C:\\"]), "ALTER SYSTEM SET \"DateStyle\" = E'C:\\\\'"),
        (set("search_path", &["$user", "public"]), "ALTER SYSTEM SET search_path = '$user', 'public'"),
        (reset("my.Own"), "ALTER SYSTEM RESET my.\"Own\""),
    ];
    for (alter, expected) in cases {
        assert_eq!(alter.sql(), expected);
    }
}

#[test]
fn a_users_list_becomes_one_literal_for_each_element() {
    let of = |name, text| set_of(name, text, MAJOR);
    let libraries = "shared_preload_libraries";
    assert_eq!(of(libraries, "a,B , \"c,d\""), Ok(set(libraries, &["a", "B", "c,d"])));
    assert_eq!(of("search_path", "A, \"$user\""), Ok(set("search_path", &["a", "$user"])));
    assert_eq!(of("listen_addresses", "a, b"), Ok(set("listen_addresses", &["a, b"])));
    assert_eq!(of(libraries, " "), Err(ValueError::EmptyList));
    assert_eq!(of(libraries, "a, \"\""), Err(ValueError::EmptyElement));
    assert_eq!(of(libraries, "a,,b"), Err(ValueError::ListSyntax));
    assert_eq!(of("search_path", ""), Ok(set("search_path", &[""])));
    assert_eq!(of("work_mem", "a\nb"), Err(ValueError::Newline));
    assert_eq!(set_of("unix_socket_directories", "/a, /b", 13), Ok(set("unix_socket_directories", &["/a, /b"])));
}

#[test]
fn what_no_statement_writes_is_known() {
    let from_file = |name, value: &[u8]| set_from_file(name, value, MAJOR);
    assert_eq!(from_file("search_path", b"a, \"B\""), Some(set("search_path", &["a", "B"])));
    let unwritable: [(&str, &[u8]); 6] = [
        ("search_path", b"a,b"),
        ("search_path", b""),
        ("search_path", b"\"a\""),
        ("cluster_name", b"\xff"),
        ("cluster_name", b"a\nb"),
        ("a23456789012345678901234567890123456789012345678901234567890long", b"x"),
    ];
    assert!(unwritable.iter().all(|(name, value)| from_file(name, value).is_none()));
}

#[test]
fn only_what_stands_behind_a_change_is_set_again() {
    let target = file(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let way = |alters: &[Alter]| steps(&run(&target, alters), &target, MAJOR).steps;
    assert_eq!(way(&[set("c", &["9"])]), [set("c", &["3"])]);
    assert_eq!(way(&[set("b", &["9"])]), [set("b", &["2"]), set("c", &["3"])]);
    assert_eq!(way(&[set("d", &["9"])]), [reset("d")]);
    assert_eq!(way(&[reset("c"), set("d", &["9"])]), [reset("d"), set("c", &["3"])]);
    assert_eq!(way(&[]), []);
}

#[test]
fn a_file_by_hand_is_kept_where_nobody_touched_it_and_its_entries_where_somebody_did() {
    let by_hand = AutoConf::read(b"# mine\na=1\nb '2'\n").unwrap();
    assert!(!by_hand.is_canonical());
    assert!(steps(&by_hand, &by_hand, MAJOR).steps.is_empty() && steps(&by_hand, &by_hand, MAJOR).exact());
    let restore = steps(&run(&by_hand, &[set("c", &["3"])]), &by_hand, MAJOR);
    assert_eq!((restore.exact(), restore.steps), (false, vec![reset("c")]));
    // The other way round the comment must go; a parameter is reset that stands nowhere.
    let restore = steps(&by_hand, &file(&[("a", "1"), ("b", "2")]), MAJOR);
    assert_eq!((restore.exact(), restore.steps), (true, vec![reset("trace_notify")]));
}

#[test]
fn what_cannot_be_worked_with_is_named_with_its_line() {
    let cases: [(&[u8], usize, Unreadable); 6] = [
        (b"a = 1\nb = 1 2", 2, Unreadable::Syntax),
        (b"a.b.c = 1", 1, Unreadable::Syntax),
        (b"\n\nInclude_Dir 'x'", 3, Unreadable::Include),
        (b"a = 'x\\ny'", 1, Unreadable::Newline),
        (b"a = 'x\\0y'", 1, Unreadable::Nul),
        (b"\xff = 1", 1, Unreadable::Name),
    ];
    for (bytes, line, reason) in cases {
        assert_eq!(AutoConf::read(bytes), Err(ReadError { line, reason }));
    }
}

#[test]
fn no_value_is_printed_by_a_debugger() {
    let secret = file(&[("primary_conninfo", "password=hunter2")]);
    let by_hand = AutoConf::read(b"primary_conninfo='password=hunter2'").unwrap();
    let shown = format!("{secret:?} {by_hand:?} {:?}", set("primary_conninfo", &["password=hunter2"]));
    assert!(!shown.contains("hunter2") && shown.contains("primary_conninfo"), "{shown}");
}
