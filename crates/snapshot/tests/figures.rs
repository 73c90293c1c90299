//! Figures keep all their digits on the way from the server's text into a document and out of it.
//!
//! Test it with `-p pgdba-snapshot`: in a build of the whole workspace a dependency of other tests switches exact reading
//! on in serde_json. `tests/figures.rs` of the package e2e holds the same law on the built program.

use pgdba_snapshot::section::ColumnType;
use pgdba_snapshot::wire;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_floating_point_counter_keeps_all_its_digits(number in 0.0_f64..1e12) {
        // As the server prints a double precision since version 12: the shortest text that reads back the same.
        let text = number.to_string();
        let written = wire::to_json(ColumnType::Float, Some(&text)).to_string();
        prop_assert_eq!(written.parse(), Ok(number));
        let read: f64 = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(read.to_bits(), number.to_bits());
    }

    #[test]
    fn a_whole_number_keeps_all_its_digits(number: i64) {
        let written = wire::to_json(ColumnType::Integer, Some(&number.to_string()));
        prop_assert_eq!(written.to_string(), number.to_string());
    }
}
