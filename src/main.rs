//! The `todoke` command.

fn main() -> std::process::ExitCode {
    todoke::cli::run()
}
