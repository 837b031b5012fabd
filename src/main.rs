//! Arguments in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// An import makes some forty strings a post, on one thread, and frees them on another: half the cost of the system's
/// allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    pullquote::cli::main()
}
