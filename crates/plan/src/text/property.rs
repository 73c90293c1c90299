//! The properties of the text form as members of the JSON form.

use std::borrow::Cow;

use super::Of;
use super::balance::split_list;
use crate::doc::{Doc, Id, Value};
use crate::error::ReadError;

/// Keys whose value is a list.
const LISTS: [&str; 6] =
    ["Output", "Sort Key", "Presorted Key", "Group Key", "Params Evaluated", "Conflict Arbiter Indexes"];

/// Writes `key: value` as members of `object`.
pub(super) fn write(doc: &mut Doc<'_>, object: Id, of: Of, key: &str, value: &str) -> Result<(), ReadError> {
    match (key, of) {
        ("Buffers", _) => blocks(doc, object, value),
        ("I/O Timings", _) => times(doc, object, value),
        ("WAL", _) => wal(doc, object, value),
        ("Functions" | "Options" | "Timing", Of::Jit) => jit(doc, object, key, value),
        ("Memory", Of::Planning) => memory(doc, object, value),
        (_, Of::Table) => doc.text_in(object, key.to_owned(), value.to_owned()),
        ("Sort Method", _) => sort(doc, object, value),
        ("Buckets", _) => named(doc, object, HASH, key, value),
        ("Planned Partitions" | "Batches", _) => named(doc, object, AGGREGATE, key, value),
        ("Hits", _) => named(doc, object, MEMOIZE, key, value),
        ("Storage", _) => named(doc, object, STORAGE, key, value),
        ("Full-sort Groups" | "Pre-sorted Groups", _) => groups(doc, object, key, value),
        ("Heap Blocks", _) => pairs(doc, object, HEAP_BLOCKS, value),
        ("Tuples", _) => pairs(doc, object, TUPLES, value),
        ("Sampling", _) => sampling(doc, object, value),
        _ if LISTS.contains(&key) => doc.list_in(object, key.to_owned(), split_list(value)),
        _ => doc.text_in(object, key.to_owned(), value.to_owned()),
    }
}

type Names = &'static [(&'static str, &'static str)];

const HASH: Names = &[("Buckets", "Hash Buckets"), ("Batches", "Hash Batches"), ("Memory Usage", "Peak Memory Usage")];
const AGGREGATE: Names = &[
    ("Planned Partitions", "Planned Partitions"),
    ("Batches", "HashAgg Batches"),
    ("Memory Usage", "Peak Memory Usage"),
    ("Disk Usage", "Disk Usage"),
];
const MEMOIZE: Names = &[
    ("Hits", "Cache Hits"),
    ("Misses", "Cache Misses"),
    ("Evictions", "Cache Evictions"),
    ("Overflows", "Cache Overflows"),
    ("Memory Usage", "Peak Memory Usage"),
];
const STORAGE: Names = &[("Storage", "Storage"), ("Maximum Storage", "Maximum Storage")];
const HEAP_BLOCKS: Names = &[("exact", "Exact Heap Blocks"), ("lossy", "Lossy Heap Blocks")];
const TUPLES: Names = &[
    ("inserted", "Tuples Inserted"),
    ("updated", "Tuples Updated"),
    ("deleted", "Tuples Deleted"),
    ("skipped", "Tuples Skipped"),
];

fn lookup(names: Names, key: &str) -> Option<&'static str> {
    names.iter().find(|(text, _)| *text == key).map(|(_, json)| *json)
}

/// A size without its unit, which is always `kB`.
fn size(value: &str) -> String {
    value.trim().trim_end_matches("kB").trim_end().to_owned()
}

/// `Buckets: 1024 (originally 512)  Batches: 4  Memory Usage: 40kB`, the first key apart.
fn named(doc: &mut Doc<'_>, object: Id, names: Names, key: &str, value: &str) -> Result<(), ReadError> {
    for (place, part) in value.split("  ").enumerate() {
        let (key, value) = if place == 0 { (key, part) } else { part.split_once(": ").unwrap_or(("", part)) };
        let Some(name) = lookup(names, key) else { continue };
        let (value, original) = value.split_once(" (originally ").unwrap_or((value, ""));
        doc.text_in(object, name, size(value))?;
        if let Some(original) = original.strip_suffix(')') {
            doc.text_in(object, format!("Original {name}"), original.to_owned())?;
        }
    }
    Ok(())
}

/// `exact=12 lossy=30`.
fn pairs(doc: &mut Doc<'_>, object: Id, names: Names, value: &str) -> Result<(), ReadError> {
    for pair in value.split(' ') {
        if let Some((key, value)) = pair.split_once('=')
            && let Some(name) = lookup(names, key)
        {
            doc.text_in(object, name, value.to_owned())?;
        }
    }
    Ok(())
}

/// `quicksort  Memory: 25kB`.
fn sort(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    let (method, space) = value.split_once("  ").unwrap_or((value, ""));
    doc.text_in(object, "Sort Method", method.to_owned())?;
    let Some((kind, space)) = space.split_once(": ") else { return Ok(()) };
    doc.text_in(object, "Sort Space Used", size(space))?;
    doc.text_in(object, "Sort Space Type", kind.to_owned())
}

/// `13  Sort Methods: quicksort, top-N heapsort  Average Memory: 30kB  Peak Memory: 30kB`.
fn groups(doc: &mut Doc<'_>, object: Id, key: &str, value: &str) -> Result<(), ReadError> {
    let group = doc.push(Some(object), key.to_owned(), Value::Object)?;
    for part in value.split("  ") {
        match part.split_once(": ") {
            None => doc.text_in(group, "Group Count", part.to_owned())?,
            Some(("Sort Method" | "Sort Methods", methods)) => {
                doc.list_in(
                    group,
                    "Sort Methods Used",
                    methods.split(", ").map(|method| Cow::Owned(method.to_owned())).collect(),
                )?;
            }
            Some((name, space)) => {
                let Some((measure, kind)) = name.split_once(' ') else { continue };
                let kind = format!("Sort Space {kind}");
                let spaces = match doc.get(group, &kind) {
                    Some(spaces) => spaces,
                    None => doc.push(Some(group), kind, Value::Object)?,
                };
                doc.text_in(spaces, format!("{measure} Sort Space Used"), size(space))?;
            }
        }
    }
    Ok(())
}

/// `shared hit=1 read=2, temp written=3`: each word counts until the next one.
fn grouped(value: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut group = "";
    value.split([' ', ',']).filter(|word| !word.is_empty()).filter_map(move |word| match word.split_once('=') {
        Some((name, figure)) => Some((group, name, figure)),
        None => {
            group = word;
            None
        }
    })
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn blocks(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    for (group, name, count) in grouped(value) {
        let key = format!("{} {} Blocks", capitalized(group), capitalized(name));
        doc.text_in(object, key, count.to_owned())?;
    }
    Ok(())
}

/// `read=1.2 write=0.1` up to version 14, `shared read=1.2, temp read=0.1` from 15 on.
fn times(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    for (group, name, time) in grouped(value) {
        let key = format!("{} I/O {} Time", capitalized(group), capitalized(name));
        doc.text_in(object, key.trim_start().to_owned(), time.to_owned())?;
    }
    Ok(())
}

/// `records=3 fpi=1 bytes=99 buffers full=1`.
fn wal(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    for (_, name, count) in grouped(value) {
        let key = match name {
            "records" => "WAL Records",
            "fpi" => "WAL FPI",
            "bytes" => "WAL Bytes",
            "full" => "WAL Buffers Full",
            _ => continue,
        };
        doc.text_in(object, key, count.to_owned())?;
    }
    Ok(())
}

/// `used=8kB  allocated=16kB`.
fn memory(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    for (_, name, space) in grouped(value) {
        doc.text_in(object, format!("Memory {}", capitalized(name)), size(space))?;
    }
    Ok(())
}

/// `bernoulli ('20'::real) REPEATABLE ('1'::double precision)`.
fn sampling(doc: &mut Doc<'_>, object: Id, value: &str) -> Result<(), ReadError> {
    let (method, rest) = value.split_once(" (").unwrap_or((value, ""));
    doc.text_in(object, "Sampling Method", super::target::unquoted(method))?;
    let (parameters, seed) = match rest.split_once(") REPEATABLE (") {
        Some((parameters, seed)) => (parameters, seed.strip_suffix(')')),
        None => (rest.strip_suffix(')').unwrap_or(rest), None),
    };
    doc.list_in(object, "Sampling Parameters", split_list(parameters))?;
    seed.map_or(Ok(()), |seed| doc.text_in(object, "Repeatable Seed", seed.to_owned()))
}

/// `Options: Inlining true, …` and `Timing: Generation 1.2 ms (Deform 0.3 ms), …`.
fn jit(doc: &mut Doc<'_>, object: Id, key: &str, value: &str) -> Result<(), ReadError> {
    if key == "Functions" {
        return doc.text_in(object, key.to_owned(), value.to_owned());
    }
    let group = doc.push(Some(object), key.to_owned(), Value::Object)?;
    for part in value.split(", ") {
        let Some((name, figure)) = part.split_once(' ') else { continue };
        let (figure, deform) = figure.split_once(" (Deform ").unwrap_or((figure, ""));
        let bare = |figure: &str| figure.trim_end_matches(')').trim_end_matches(" ms").to_owned();
        if deform.is_empty() {
            doc.text_in(group, name.to_owned(), bare(figure))?;
            continue;
        }
        let generation = doc.push(Some(group), name.to_owned(), Value::Object)?;
        doc.text_in(generation, "Deform", bare(deform))?;
        doc.text_in(generation, "Total", bare(figure))?;
    }
    Ok(())
}
