//! `native findings|report FILE`: what the module answers, computed without a browser, for comparing byte for byte.

#![allow(clippy::disallowed_methods, reason = "a program for tests, not part of the module")]

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use pgdba_wasm::faces::Analyzed;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [face, file] = arguments.as_slice() else { return Err("usage: native findings|report FILE".into()) };
    let snapshot = std::fs::read(file)?;
    let answer = match face.as_str() {
        "findings" => Analyzed::of(&snapshot, &[]).and_then(|analyzed| analyzed.findings()),
        "report" => Analyzed::of(&snapshot, &[]).map(|analyzed| analyzed.report()),
        other => return Err(format!("no face {other}").into()),
    };
    match answer {
        Ok(bytes) => {
            std::io::stdout().write_all(&bytes)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            eprintln!("{}", fault.to_json());
            Ok(ExitCode::FAILURE)
        }
    }
}
