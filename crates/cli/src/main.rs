//! `pgdba`.

fn main() -> std::process::ExitCode {
    pgdba_cli::main()
}
