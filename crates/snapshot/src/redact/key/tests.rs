use super::*;

fn key() -> Key {
    Key::new(&[7; SECRET_BYTES])
}

#[test]
fn a_name_has_one_token_and_a_token_one_name() {
    let mut key = key();
    assert_eq!(key.token(Kind::Table, "orders"), "t1");
    assert_eq!(key.token(Kind::Column, "orders"), "t1");
    assert_eq!(key.token(Kind::Table, "t1"), "t2");
    assert_eq!(key.json_token("3"), "json1");
    assert_eq!(key.token(Kind::Text, "3"), "text1");
    assert_eq!(key.spelled(Kind::Name, "orders", "Orders"), "t1_1");
    assert_eq!(key.spelled(Kind::Name, "orders", "ORDERS"), "t1_2");
    assert_eq!((key.count(Kind::Table), key.count(Kind::Column)), (2, 0));
    assert_eq!((key.name("t1_2"), key.json("json1"), key.json("text1")), (Some("ORDERS"), Some("3"), None));
}

#[test]
fn a_key_file_goes_on_where_it_ended() {
    let mut first = key();
    first.token(Kind::Table, "orders");
    first.spelled(Kind::Name, "orders", "ORDERS");
    first.json_token("3");
    let cluster = first.digest_token(Identifier::System, "7412");
    let fingerprint = first.fingerprint("ab");
    let mut second = Key::from_json(&first.to_json().unwrap()).unwrap();
    assert_eq!(second.token(Kind::Column, "orders"), "t1");
    assert_eq!(second.spelled(Kind::Name, "orders", "ORDERS"), "t1_1");
    assert_eq!(second.spelled(Kind::Name, "orders", "OrderS"), "t1_2");
    assert_eq!(second.token(Kind::Table, "items"), "t2");
    assert_eq!((second.json_token("3"), second.json_token("4")), ("json1".to_owned(), "json2".to_owned()));
    assert_eq!((second.digest_token(Identifier::System, "7412"), second.fingerprint("ab")), (cluster, fingerprint));
    assert_eq!(second.id(), first.id());
}

#[test]
fn keys_of_advisory_locks_become_other_numbers_and_come_back() {
    let mut first = key();
    let number = first.lock_key(4_242_424_242);
    assert_ne!(number, 4_242_424_242);
    assert_eq!(first.lock_key(4_242_424_242), number);
    let second = Key::from_json(&first.to_json().unwrap()).unwrap();
    assert_eq!((second.restored_lock_key(number), second.restored_lock_key(7)), (Some(4_242_424_242), None));
}

#[test]
fn digests_differ_from_key_to_key() {
    let mut other = Key::new(&[8; SECRET_BYTES]);
    assert_ne!(key().digest_token(Identifier::System, "7412"), other.digest_token(Identifier::System, "7412"));
    assert_ne!(key().fingerprint("ab"), other.fingerprint("ab"));
    assert_ne!(key().id(), other.id());
}

#[test]
fn what_is_no_key_is_refused_without_showing_it() {
    let good = key().to_json().unwrap();
    let error = |text: &str| Key::from_json(text).unwrap_err();
    assert!(matches!(error("hunter2"), KeyError::NotAKey(reason) if !reason.contains("hunter2")));
    assert!(matches!(error(&good.replace(FORMAT, "other")), KeyError::OtherFormat(_)));
    assert!(matches!(error(&good.replace(": 1", ": 2")), KeyError::NewerFormat(2)));
    assert_eq!(error(&good.replace("0707", "zz07")), KeyError::BadSecret);
    for token in ["q1", "t", "t01", "t1_", "t1_x", "cluster_1", "t18446744073709551615"] {
        let bad = good.replace("\"tokens\": {}", &format!("\"tokens\": {{\"{token}\":\"x\"}}"));
        assert_eq!(error(&bad), KeyError::BadToken(token.to_owned()));
    }
}

#[test]
fn debug_output_shows_no_name_and_no_secret() {
    let mut key = key();
    key.token(Kind::Table, "hunter2");
    let shown = format!("{key:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("0707"), "{shown}");
}
