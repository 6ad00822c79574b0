//! The `story-lint` command; all of it is in the library.

fn main() -> std::process::ExitCode {
    story_lint::cli::main()
}
