//! `pgdba`.

/// Reading a large snapshot is mostly small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    pgdba_cli::main()
}
