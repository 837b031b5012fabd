//! The examples of docs/checking.md are run: `console` blocks with `$ command` lines, `> ` lines that go on with a command, and what is
//! printed. `BLESS=1` writes what they print.

use crate::program::Desk;
use crate::support::root;

/// Runs a command as a shell does, with the program on its path; gives what it prints.
fn run(desk: &Desk, command: &str) -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_pullquote")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output = std::process::Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .current_dir(desk.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

/// A page with the output of its examples as it is.
fn rendered(page: &str, desk: &Desk) -> String {
    let mut out = String::new();
    let mut lines = page.lines().peekable();
    let (mut inside, mut code) = (false, 0);
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ => {}
        }
        let Some(command) = line.strip_prefix("$ ").filter(|_| inside) else { continue };
        let mut command = command.to_owned();
        while let Some(next) = lines.next_if(|next| next.starts_with('>')) {
            out.push_str(next);
            out.push('\n');
            command.push('\n');
            command.push_str(next.strip_prefix("> ").unwrap_or_default());
        }
        while lines.next_if(|next| !next.starts_with("$ ") && *next != "```").is_some() {}
        // Each command has a shell of its own; how it ended is told to the next.
        let asked = command.replace("$?", &code.to_string());
        let printed = run(desk, &format!("{asked}\nprintf '\\n%s' $? > .code"));
        code = std::fs::read_to_string(desk.path().join(".code")).unwrap().trim().parse().unwrap();
        out.push_str(&printed);
    }
    out
}

#[test]
fn the_examples_of_checking_print_what_they_say() {
    let path = root().join("docs/checking.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let found = rendered(&page, &Desk::with(""));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
        return;
    }
    assert_eq!(
        found, page,
        "docs/checking.md does not say what is printed; BLESS=1 cargo test --test it docs_check writes it"
    );
}
