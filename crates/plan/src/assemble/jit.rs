//! Just-in-time compilation, of a statement or of a worker.

use super::value::{Field, members, put, set};
use crate::model::{Jit, JitOptions, JitTimes};

pub(super) fn jit(field: Field<'_>) -> Jit {
    let mut jit = Jit::default();
    for (key, field) in members(field) {
        match key {
            "Functions" => {
                set(&mut jit.functions, field.count());
            }
            "Options" => jit.options = jit_options(field),
            "Timing" => jit.times = Some(jit_times(field)),
            _ => {}
        }
    }
    jit
}

fn jit_options(field: Field<'_>) -> JitOptions {
    let mut options = JitOptions::default();
    for (key, field) in members(field) {
        let place = match key {
            "Inlining" => &mut options.inlining,
            "Optimization" => &mut options.optimization,
            "Expressions" => &mut options.expressions,
            "Deforming" => &mut options.deforming,
            _ => continue,
        };
        *place = field.is_true();
    }
    options
}

fn jit_times(field: Field<'_>) -> JitTimes {
    let mut times = JitTimes::default();
    for (key, field) in members(field) {
        let place = match key {
            "Generation" if field.doc.is_object(field.id) => {
                for (key, field) in members(field) {
                    match key {
                        "Deform" => put(&mut times.deform, field.millis()),
                        "Total" => set(&mut times.generation, field.millis()),
                        _ => false,
                    };
                }
                continue;
            }
            "Generation" => &mut times.generation,
            "Inlining" => &mut times.inlining,
            "Optimization" => &mut times.optimization,
            "Emission" => &mut times.emission,
            "Total" => &mut times.total,
            _ => continue,
        };
        set(place, field.millis());
    }
    times
}
