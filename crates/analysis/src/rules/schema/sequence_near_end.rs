//! Sequences that run out of numbers.

use crate::engine::prelude::*;
use crate::facts::sequences::{self, Limit, Sequence};

rule! {
    /// ## What it sees
    ///
    /// Sequences that have given out most of the numbers that their MAXVALUE (of a descending one MINVALUE), their type and the type of
    /// the column that they number allow: the column that they belong to (OWNED BY) or one whose DEFAULT calls `nextval()`; of several,
    /// the narrowest counts. Sequences that cycle are left out.
    ///
    /// A sequence that only statements or triggers call is judged by its own limits.
    ///
    /// ## Why it matters
    ///
    /// When the last number is given out, `nextval()` fails, and with it every INSERT into the table. If the sequence goes further than
    /// its column, INSERT fails with 'integer out of range'.
    ///
    /// ## Threshold
    ///
    /// Warning at {WARNING} of the numbers, critical at {CRITICAL} or if at most {FEW} numbers are left. The collecting role needs USAGE or SELECT on a sequence to read it;
    /// if none is found and some could not be read, the rule has not passed.
    ///
    /// ## Remedy
    ///
    /// If the column is `bigint`, change the sequence to `bigint`, which takes no time. If the column is `integer` or `smallint`, it must
    /// become `bigint` first: with the sequence alone, INSERT fails all the same. ALTER COLUMN TYPE rewrites the table under an ACCESS
    /// EXCLUSIVE lock; for a large table, add a new column, fill it in batches and swap the two. Raise a MAXVALUE that was set on
    /// purpose only if everything that stores the numbers can hold more.
    ///
    /// ## When to ignore this
    ///
    /// If nothing inserts into the table any more.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders_id_seq", "relkind": "S" } ],
    ///   "pg_sequence": [ { "seqrelid": 1, "typname": "int4", "seqincrement": 1, "seqmin": 1, "seqmax": 2147483647,
    ///                      "seqcycle": false, "is_read": true, "last_value": 2000000000 } ], "pg_attribute": [] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders_id_seq", "relkind": "S" },
    ///                 { "oid": 2, "nspname": "public", "relname": "ticket", "relkind": "S" },
    ///                 { "oid": 3, "nspname": "public", "relname": "signed", "relkind": "S" } ],
    ///   "pg_sequence": [ { "seqrelid": 1, "typname": "int4", "seqincrement": 1, "seqmin": 1, "seqmax": 2147483647,
    ///                      "seqcycle": false, "is_read": true, "last_value": 1000 },
    ///                    { "seqrelid": 2, "seqincrement": 1, "seqmin": 1, "seqmax": 1000, "seqcycle": true, "is_read": true,
    ///                      "last_value": 999 },
    ///                    { "seqrelid": 3, "seqincrement": -1, "seqmin": -9223372036854775808, "seqmax": -1, "seqcycle": false,
    ///                      "is_read": true, "last_value": -5 } ], "pg_attribute": [] }
    /// ```
    rule sequence_near_end {
        code: PGD1402,
        title: "Sequences are near their end",
        passed: "No sequence is near its own limit or that of a column it numbers",
        worst: Critical,
        reads: [sequences],
        source: "PostgreSQL manual, CREATE SEQUENCE",
        thresholds: {
            /// Share of the numbers that causes a warning.
            WARNING: Ratio = Ratio(0.75),
            /// Share of the numbers that is critical.
            CRITICAL: Ratio = Ratio(0.90),
            /// Of a sequence past the warning, so few numbers left are critical.
            FEW: i64 = 100,
        },
    }
}

const REWRITE: &str = "ALTER COLUMN TYPE rewrites the table and its indexes under an ACCESS EXCLUSIVE lock: reads and writes wait. \
                       ALTER SEQUENCE takes no time.";

struct NearEnd<'a> {
    sequence: &'a Sequence,
    used: Ratio,
    /// Whether others could not be read.
    is_partial: bool,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<NearEnd<'a>>> {
    let sequences = view.sequences()?;
    let unread = sequences.iter().filter(|sequence| sequence.used().is_none()).count();
    let ending = sequences.iter().filter(|sequence| sequence.row.seqcycle != Some(true));
    let near_end = |sequence: &'a Sequence| {
        let used = sequence.used().filter(|used| *used >= WARNING)?;
        Some(NearEnd { sequence, used, is_partial: unread > 0 })
    };
    let found: Vec<NearEnd<'_>> = ending.filter_map(near_end).collect();
    if found.is_empty() && unread > 0 {
        return Err(sequences::unread_because(unread, sequences.len() - unread));
    }
    Ok(found)
}

fn subject(found: &NearEnd<'_>) -> About {
    let NearEnd { sequence, used, .. } = found;
    let is_critical = *used >= CRITICAL || sequence.left().is_some_and(|left| left <= FEW);
    let about = About::relation(SubjectKind::Sequence, &sequence.name, *used)
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("numbers_used", *used).against(if *used >= CRITICAL { CRITICAL } else { WARNING }),
            Figure::new("last_value", sequence.row.last_value),
            Figure::new("numbers_left", sequence.left()),
            Figure::new("type", sequence.integer().map(|integer| integer.sql().to_owned())),
            Figure::new("table", sequence.table.as_ref().map(ToString::to_string)),
            Figure::new("column_type", sequence.column_type().map(|integer| integer.sql().to_owned())),
        ]);
    let about = sequence.extend().into_iter().fold(about, About::run);
    sequence.restore().into_iter().fold(about, About::undo)
}

fn describe(found: &Found<NearEnd<'_>>) -> Draft {
    let is_by = |limit| found.any(|near| near.sequence.limit() == Some(limit));
    let (by_column, by_own) = (is_by(Limit::Column), is_by(Limit::Explicit));
    let is_free = found.any(|near| near.sequence.limit() == Some(Limit::Type) && near.sequence.column_type().is_none());
    let is_over = found.any(|near| near.sequence.extend().is_none());
    let most = display::percent(Ratio(found.max(|near| Some(near.used.0))));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let sequences = match found.any(|near| near.is_partial) {
        true => format!("at least {}", found.counted("sequence", "sequences")),
        false => found.named("sequence", "sequences"),
    };
    Draft::new(format!("Extend {sequences}: {up_to}{most} of the numbers are used"))
        .because("When the last number is given out, nextval() fails, and with it every INSERT that needs it.")
        .because_if(by_column, "A number that its column cannot hold fails, too, so changing only the sequence does not help.")
        .advise_if(by_column, "Change the column to bigint, then the sequence.")
        .advise_if(by_column, "For a large table, add a new column, fill it in batches and swap the two.")
        .advise_if(by_column, "Columns that refer to it must be changed, too; views that use it must be created again.")
        .advise_if(by_own, "Remove a limit that was set explicitly only if everything that stores the numbers can hold more.")
        .advise_if(is_free, "Check first that the columns that store the numbers are bigint.")
        .advise_if(is_over, "A bigint sequence cannot be extended: restart it at numbers that are not in use.")
        .impact(if by_column { REWRITE } else { "ALTER SEQUENCE takes no time." })
        .undo_text("The former limit can be restored while no number beyond it is in use.")
        .effort(if by_column || is_free || is_over { Effort::Project } else { Effort::Online })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Finding, Severity};
    use crate::{Options, analyze, example};

    const INT2: i64 = 21;
    const INT4: i64 = 23;
    const INT8: i64 = 20;

    /// What is found of a sequence of this type that belongs to a column of that type.
    fn found(column: Option<i64>, kind: &str, more: &Value) -> Option<Finding> {
        let mut sequence = json!({ "seqrelid": 2, "typname": kind, "seqincrement": 1, "seqmin": 1, "is_read": true,
                                   "owned_by_relid": column.map(|_| 1), "owned_by_attnum": column.map(|_| 1) });
        sequence.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let document = json!({
            "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" },
                         { "oid": 2, "nspname": "public", "relname": "s", "relkind": "S" },
                         { "oid": 3, "nspname": "public", "relname": "hidden", "relkind": "S" }],
            "pg_attribute": [{ "attrelid": 1, "attnum": 1, "attname": "Id", "atttypid": column },
                             { "attrelid": 1, "attnum": 2, "attname": "number", "atttypid": INT4 }],
            "pg_sequence": [sequence, { "seqrelid": 3, "seqincrement": 1, "seqmin": 1, "seqmax": 9,
                                          "is_read": more.get("hidden").is_none() }],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1402")
    }

    /// The statements of the remedy and those that undo it.
    fn sql(column: Option<i64>, kind: &str, more: &Value) -> (String, String) {
        let finding = found(column, kind, more).unwrap();
        (finding.statements().unwrap(), finding.undo().unwrap().text)
    }

    #[test]
    fn the_column_counts_too() {
        let big = |last: i64| json!({ "seqmax": i64::MAX, "last_value": last });
        assert!(found(Some(INT8), "int8", &big(2_147_483_646)).is_none());
        let alter = |ty: &str| format!("ALTER TABLE public.t ALTER COLUMN \"Id\" TYPE {ty};");
        let own = sql(Some(INT4), "int8", &big(2_147_483_646));
        assert_eq!(own, (alter("bigint"), alter("integer")));
        assert!(found(Some(INT4), "int8", &big(3_000_000_000)).is_some(), "past the end");
        let serial = sql(Some(INT4), "int4", &json!({ "seqmax": i32::MAX, "last_value": 2_000_000_000 }));
        assert_eq!(serial.0, format!("{}\nALTER SEQUENCE public.s AS bigint NO MAXVALUE;", alter("bigint")));
        assert_eq!(serial.1, format!("ALTER SEQUENCE public.s AS integer MAXVALUE 2147483647;\n{}", alter("integer")));
        let small = sql(Some(INT2), "int2", &json!({ "seqmax": i16::MAX, "last_value": 32_000 }));
        assert_eq!(small.1, format!("ALTER SEQUENCE public.s AS smallint MAXVALUE 32767;\n{}", alter("smallint")));
    }

    #[test]
    fn a_column_that_it_numbers_without_belonging_to_it_counts_too() {
        let by_default = json!({ "seqmax": i64::MAX, "last_value": 2_147_483_000, "default_of_relid": 1, "default_of_attnum": 2 });
        let alter = "ALTER TABLE public.t ALTER COLUMN number TYPE bigint;";
        assert_eq!(sql(None, "int8", &by_default).0, alter);
        assert_eq!(sql(Some(INT8), "int8", &by_default).0, alter, "the narrower one ends first");
        assert!(sql(Some(INT2), "int8", &by_default).0.contains("\"Id\""));
    }

    #[test]
    fn the_sequence_alone_is_extended_where_its_column_holds_more() {
        let serial = json!({ "seqmax": i32::MAX, "last_value": 2_000_000_000 });
        let extended = ("ALTER SEQUENCE public.s AS bigint NO MAXVALUE;", "ALTER SEQUENCE public.s AS integer MAXVALUE 2147483647;");
        for column in [Some(INT8), None] {
            let (remedy, undo) = sql(column, "int4", &serial);
            assert_eq!((remedy.as_str(), undo.as_str()), extended);
        }
        let check = |column| found(column, "int4", &serial).unwrap().remedy.text.contains("Check first");
        assert!(check(None) && !check(Some(INT8)));
    }

    #[test]
    fn a_limit_within_the_type_is_removed() {
        let (remedy, undo) = sql(Some(INT8), "int8", &json!({ "seqmax": 1000, "last_value": 990 }));
        assert_eq!(remedy, "ALTER SEQUENCE public.s NO MAXVALUE;");
        assert_eq!(undo, "ALTER SEQUENCE public.s AS bigint MAXVALUE 1000;");
    }

    #[test]
    fn a_descending_sequence_ends_at_its_least_number() {
        let down = |min: i64, last: i64| json!({ "seqincrement": -1, "seqmin": min, "seqmax": -1, "last_value": last });
        let (remedy, undo) = sql(None, "int4", &down(i64::from(i32::MIN), -2_000_000_000));
        assert_eq!(remedy, "ALTER SEQUENCE public.s AS bigint NO MINVALUE;");
        assert_eq!(undo, "ALTER SEQUENCE public.s AS integer MINVALUE -2147483648;");
        assert!(found(Some(INT4), "int8", &down(i64::MIN, -2_147_483_000)).is_some());
        assert!(found(Some(INT4), "int8", &down(i64::MIN, -1000)).is_none());
    }

    #[test]
    fn few_numbers_left_are_critical_whatever_their_share() {
        let severity = |max: i64, last: i64, step: i64| {
            found(None, "int8", &json!({ "seqmax": max, "last_value": last, "seqincrement": step })).map(|finding| finding.severity)
        };
        assert_eq!(severity(10, 9, 1), Some(Severity::Critical));
        assert_eq!(severity(10, 8, 1), Some(Severity::Critical));
        assert_eq!((severity(10, 5, 1), severity(1000, 1, 1)), (None, None));
        assert_eq!(severity(100_000, 80_000, 1), Some(Severity::Warning));
        // The next number would be beyond the end.
        assert_eq!(severity(150, 101, 100), Some(Severity::Critical));
        assert_eq!(severity(10, 9, 100), Some(Severity::Critical));
    }

    #[test]
    fn all_numbers_are_used_only_if_none_is_left() {
        let summary = |last: i64| found(None, "int8", &json!({ "seqmax": i64::MAX, "last_value": last })).unwrap().summary;
        assert_eq!(summary(i64::MAX - 7), "Extend public.s: 99.9 % of the numbers are used");
        assert_eq!(summary(i64::MAX), "Extend public.s: 100 % of the numbers are used");
    }

    #[test]
    fn what_could_not_be_read_may_be_near_its_end_too() {
        let hidden = json!({ "seqmax": 1000, "last_value": 990, "hidden": true });
        assert!(found(None, "int8", &hidden).unwrap().summary.starts_with("Extend at least 1 sequence: 99"));
    }
}
