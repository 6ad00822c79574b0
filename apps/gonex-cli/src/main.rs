//! The `gonex` command; all of it is in the library.

fn main() -> std::process::ExitCode {
    gonex_cli::main()
}
