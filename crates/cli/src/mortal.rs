//! `pgdba` with points at which a test kills it; built for tests only.

fn main() -> std::process::ExitCode {
    pgdba_cli::main()
}
