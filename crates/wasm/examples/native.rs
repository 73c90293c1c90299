//! `native findings|report|tune FILE [POLICY]`: what the module answers, computed without a browser, for comparing byte for byte.

#![allow(clippy::disallowed_methods, reason = "a program for tests, not part of the module")]

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use pgdba_wasm::faces::Analyzed;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (face, file, policy) = match arguments.as_slice() {
        [face, file] => (face, file, Vec::new()),
        [face, file, policy] => (face, file, std::fs::read(policy)?),
        _ => return Err("usage: native findings|report|tune FILE [POLICY]".into()),
    };
    let analyzed = Analyzed::of(&std::fs::read(file)?, &[], &policy);
    let answer = match face.as_str() {
        "findings" => analyzed.and_then(|analyzed| analyzed.findings()),
        "report" => analyzed.map(|analyzed| analyzed.report()),
        "tune" => analyzed.and_then(|analyzed| analyzed.tune("{}")).map(String::into_bytes),
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
