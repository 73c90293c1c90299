//! Sequences that run out of numbers.

use crate::engine::prelude::*;
use crate::facts::sequences::Sequence;

rule! {
    /// ## What it sees
    ///
    /// Sequences that have given out most of the numbers that their type, or their MAXVALUE, allows. Sequences that cycle are left out.
    ///
    /// ## Why it matters
    ///
    /// When the last number is given out, `nextval()` fails, and with it every INSERT into the table.
    ///
    /// ## Threshold
    ///
    /// Warning at {WARNING} of the numbers, critical at {CRITICAL}. The collecting role needs USAGE or SELECT on a sequence to read it;
    /// if none is found and some could not be read, the rule has not passed.
    ///
    /// ## Remedy
    ///
    /// If the column is `bigint`, change the sequence to `bigint`, which takes no time. If the column is `integer`, it must become
    /// `bigint` too: ALTER COLUMN TYPE rewrites the table under an exclusive lock; for a large table, add a new column, fill it in
    /// batches and swap the two.
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
    ///                      "seqcycle": false, "is_read": true, "last_value": 2000000000 } ] }
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
    ///                      "is_read": true, "last_value": -5 } ] }
    /// ```
    rule sequence_near_end {
        code: PGD1402,
        title: "Sequences are near their end",
        passed: "No sequence is near its end",
        worst: Critical,
        reads: [sequences],
        source: "PostgreSQL manual, CREATE SEQUENCE",
        thresholds: {
            /// Share of the numbers that causes a warning.
            WARNING: Ratio = Ratio(0.75),
            /// Share of the numbers that is critical.
            CRITICAL: Ratio = Ratio(0.90),
        },
    }
}

struct NearEnd<'a> {
    sequence: &'a Sequence,
    used: Ratio,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<NearEnd<'a>>> {
    let sequences = view.sequences()?;
    let ending = sequences.iter().filter(|sequence| sequence.row.seqcycle != Some(true));
    let near_end = |sequence: &'a Sequence| {
        let used = sequence.used().filter(|used| *used >= WARNING)?;
        Some(NearEnd { sequence, used })
    };
    let found: Vec<NearEnd<'_>> = ending.filter_map(near_end).collect();
    let unread = sequences.iter().filter(|sequence| sequence.used().is_none()).count();
    if found.is_empty() && unread > 0 {
        let unread = display::counted(unread, "sequence", "sequences");
        return Err(NotAssessed::because(format!("{unread} could not be read: the role needs SELECT or USAGE on them")));
    }
    Ok(found)
}

fn subject(found: &NearEnd<'_>) -> About {
    let NearEnd { sequence, used } = found;
    let is_critical = *used >= CRITICAL;
    let about = About::relation(SubjectKind::Sequence, &sequence.name, *used)
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("numbers_used", *used).against(if is_critical { CRITICAL } else { WARNING }),
            Figure::new("last_value", sequence.row.last_value),
            Figure::new("numbers_left", sequence.left()),
            Figure::new("type", sequence.row.typname.clone()),
            Figure::new("table", sequence.table.as_ref().map(ToString::to_string)),
        ]);
    match sequence.row.typname.as_deref() {
        Some("int8") => about,
        _ => about.run(format!("ALTER SEQUENCE {} AS bigint MAXVALUE 9223372036854775807;", sequence.name.sql())),
    }
}

fn describe(found: &Found<NearEnd<'_>>) -> Draft {
    let most = Ratio(found.max(|near| Some(near.used.0)));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Extend {}: {up_to}{} of the numbers are used", found.named("sequence", "sequences"), display::percent(most)))
        .because("When the last number is given out, nextval() fails, and with it every INSERT that needs it.")
        .advise("Change the type of the sequence, and first that of its column if it is not bigint.")
        .advise("ALTER COLUMN TYPE rewrites the table; for a large table add a new column, fill it in batches and swap the two.")
        .impact("ALTER SEQUENCE takes no time; changing a column's type blocks the table while it is rewritten.")
        .undo_text("ALTER SEQUENCE … AS integer MAXVALUE 2147483647 restores the former limit.")
        .effort(Effort::Project)
}
