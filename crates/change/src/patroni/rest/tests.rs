use super::*;

/// As Patroni 3.0.2 answers.
const NODE_3: &str = r#"{"state": "running", "postmaster_start_time": "2026-11-24 10:00:00.0+00:00", "role": "master",
    "server_version": 150018, "xlog": {"location": 50331648}, "timeline": 1, "pending_restart": true,
    "dcs_last_seen": 1795500000, "database_system_identifier": "7412345678901234567",
    "patroni": {"version": "3.0.2", "scope": "lab"}}"#;

/// As Patroni 4.1.5 answers.
const NODE_4: &str = r#"{"state": "running", "role": "primary", "server_version": 150018, "timeline": 2,
    "pending_restart": true, "pending_restart_reason": {"max_connections": {"old_value": "60", "new_value": "80"}},
    "database_system_identifier": 7412345678901234567, "pause": true, "cluster_unlocked": true,
    "patroni": {"version": "4.1.5", "scope": "lab", "name": "pg1"}}"#;

#[test]
fn master_and_primary_are_one_thing() {
    let (old, new): (Node, Node) = (serde_json::from_str(NODE_3).unwrap(), serde_json::from_str(NODE_4).unwrap());
    assert_eq!((&old.role, &new.role), (&Some(Role::Primary), &Some(Role::Primary)));
    assert_eq!(old.database_system_identifier.as_deref(), Some("7412345678901234567"));
    assert_eq!(new.database_system_identifier, old.database_system_identifier);
    assert_eq!((old.patroni_version(), new.patroni_version()), (Some((3, 0)), Some((4, 1))));
    assert_eq!((old.pause, new.pause, new.cluster_unlocked), (None, Some(true), Some(true)));
    let waits = |node: &Node, name| node.waits_for_restart(name);
    assert_eq!(waits(&old, "max_connections"), None);
    assert_eq!((waits(&new, "max_connections"), waits(&new, "wal_level")), (Some(true), Some(false)));
    assert_eq!(waits(&Node::default(), "wal_level"), Some(false));
}

#[test]
fn what_is_missing_or_strange_is_none() {
    let strange =
        r#"{"state": 7, "role": "uninitialized", "server_version": "15", "pending_restart_reason": [], "patroni": 1}"#;
    let node: Node = serde_json::from_str(strange).unwrap();
    let expected = Node { role: Some(Role::Other("uninitialized".to_owned())), ..Node::default() };
    assert_eq!(node, expected);
}

#[test]
fn members_are_read_and_the_leader_is_found() {
    let text = r#"{"members": [
        {"name": "pg1", "role": "leader", "state": "running", "api_url": "http://127.0.0.1:18008/patroni", "host": "127.0.0.1",
         "port": 15432, "timeline": 3, "pending_restart": true, "tags": {}},
        {"name": "pg2", "role": "replica", "state": "streaming", "host": "::1", "port": 15433, "timeline": 3, "lag": 0},
        {"name": "pg3", "role": "replica", "state": "stopped", "lag": "unknown"}, "what"],
        "scheduled_switchover": {"at": "2026-11-25T00:00:00+00:00", "from": "pg1"}, "scope": "lab", "pause": true}"#;
    let members: Members = serde_json::from_str(text).unwrap();
    assert_eq!(members.members.len(), 3);
    assert_eq!(members.leader(), Some(Leader { name: "pg1".to_owned(), timeline: Some(3) }));
    assert_eq!(members.members.iter().map(|member| member.lag).collect::<Vec<_>>(), [None, Some(0), None]);
    assert_eq!(members.scheduled_switchover.unwrap().from.as_deref(), Some("pg1"));
    assert_eq!(members.pause, Some(true));
    assert_eq!(serde_json::from_str::<Members>("{}").unwrap(), Members::default());
}

#[test]
fn a_moved_lead_is_said() {
    let leader = |name: &str, timeline| Leader { name: name.to_owned(), timeline: Some(timeline) };
    let moved = leader("pg1", 1).moved(&leader("pg2", 2));
    assert_eq!(moved.as_deref(), Some("the leader was pg1 when this change was applied, and is now pg2"));
    assert!(leader("pg1", 1).moved(&leader("pg1", 3)).unwrap().contains("timeline 3"));
    assert_eq!(leader("pg1", 1).moved(&leader("pg1", 1)), None);
}
