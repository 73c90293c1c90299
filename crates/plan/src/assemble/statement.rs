//! What EXPLAIN reports about the whole statement.

use super::jit::jit;
use super::run::{buffers, has_prefix_of_blocks, io};
use super::value::{Field, members, put, set};
use crate::doc::{Doc, Id};
use crate::model::{Buffers, IoTimes, Plan, Planning, Serialization, Trigger};

pub(super) fn read(doc: &Doc<'_>, statement: Id, plan: &mut Plan) {
    for id in doc.children(statement) {
        let field = Field { doc, id };
        match doc.key(id) {
            "Query Text" => plan.query_text = field.string(),
            "Query Parameters" => plan.query_parameters = field.string(),
            "Query Identifier" => plan.query_id = field.text().and_then(|text| text.parse().ok()),
            "Duration" => plan.duration = field.millis(),
            "Planning Time" => plan.planning_time = field.millis(),
            "Execution Time" => plan.execution_time = field.millis(),
            "Planning" => plan.planning = Some(planning(field)),
            "Triggers" => plan.triggers = doc.children(id).map(|id| trigger(Field { doc, id })).collect(),
            "JIT" => plan.jit = Some(jit(field)),
            "Settings" => {
                let setting = |id| (doc.key(id).to_owned(), doc.text(id).unwrap_or_default().to_owned());
                plan.settings = doc.children(id).map(setting).collect();
            }
            "Serialization" => plan.serialization = Some(serialization(field)),
            _ => {}
        }
    }
}

/// Counters and times of blocks, if it is one of them.
fn blocks(of: &mut Option<Buffers>, times: &mut Option<IoTimes>, key: &str, field: Field<'_>) -> bool {
    if has_prefix_of_blocks(key) {
        return buffers(of.get_or_insert_default(), key, field);
    }
    key.contains("I/O ") && io(times.get_or_insert_default(), key, field)
}

fn planning(field: Field<'_>) -> Planning {
    let mut planning = Planning::default();
    for (key, field) in members(field) {
        match key {
            "Memory Used" => put(&mut planning.memory_used, field.kilobytes()),
            "Memory Allocated" => put(&mut planning.memory_allocated, field.kilobytes()),
            _ => blocks(&mut planning.buffers, &mut planning.io, key, field),
        };
    }
    planning
}

fn serialization(field: Field<'_>) -> Serialization {
    let mut serialization = Serialization::default();
    for (key, field) in members(field) {
        match key {
            "Time" => put(&mut serialization.time, field.millis()),
            "Output Volume" => set(&mut serialization.volume, field.kilobytes()),
            "Format" => set(&mut serialization.format, field.string()),
            _ => blocks(&mut serialization.buffers, &mut serialization.io, key, field),
        };
    }
    serialization
}

fn trigger(field: Field<'_>) -> Trigger {
    let mut trigger = Trigger::default();
    for (key, field) in members(field) {
        match key {
            "Trigger Name" => put(&mut trigger.name, field.string()),
            "Constraint Name" => put(&mut trigger.constraint, field.string()),
            "Relation" => put(&mut trigger.relation, field.string()),
            "Time" => put(&mut trigger.time, field.millis()),
            "Calls" => set(&mut trigger.calls, field.count()),
            _ => false,
        };
    }
    trigger
}
