//! docs/platforms.md, docs/sources.md and the tables of docs/searching.md are made from the code; `BLESS=1` writes them anew.

use std::fmt::Write as _;

use pullquote::coverage::Cause;
use pullquote::export::{COLUMNS, descriptions};
use pullquote::paper::letter;
use pullquote::platform::{Platform, Source, address_of};
use pullquote::query::{Has, Is, OPERATORS, State};
use pullquote::{dump, platform};

use crate::docs_examples::made;
use crate::support::root;

#[test]
fn the_list_of_shapes_is_that_of_the_code() {
    let path = root().join("docs/platforms.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/platforms.md is not what the code says; BLESS=1 cargo test --test it docs writes it");
}

#[test]
fn the_list_of_sources_is_that_of_the_code() {
    let path = root().join("docs/sources.md");
    let page = sources();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/sources.md is not what the code says; BLESS=1 cargo test --test it docs writes it");
}

#[test]
fn the_list_of_operators_is_that_of_the_code() {
    let cell = |text: &str| text.replace('|', "\\|");
    let code = |names: &[&str]| names.iter().map(|name| format!("`{name}:`")).collect::<Vec<_>>().join(", ");
    let mut table = String::from("| operator | value | finds | here |\n|---|---|---|---|\n");
    let mut refused = String::from("\n| cannot be answered | it is | for |\n|---|---|---|\n");
    for operator in OPERATORS {
        match operator.refused() {
            None => writeln!(
                table,
                "| {} | {} | {} | {} |",
                code(operator.names),
                cell(operator.value),
                cell(operator.finds),
                cell(operator.note)
            ),
            Some(why) => writeln!(refused, "| {} | {} | {} |", code(operator.names), cell(operator.finds), cell(why)),
        }
        .unwrap();
    }
    made("searching.md", "operators", &(table + &refused));
}

#[test]
fn the_words_behind_operators_are_those_of_the_code() {
    let mut table = String::from("| operator | takes | or |\n|---|---|---|\n");
    let mut row = |operator: &str, words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let (first, others) = words.split_first().unwrap();
        writeln!(table, "| `{operator}:` | {first} | {} |", others.join(", ")).unwrap();
    };
    Has::ALL.iter().for_each(|(_, words)| row("has", words));
    Is::ALL.iter().for_each(|(_, words)| row("is", words));
    State::ALL.iter().for_each(|(_, words)| row("state", words));
    made("searching.md", "kinds", &table);
}

#[test]
fn the_list_of_columns_is_that_of_the_code() {
    let mut table = String::from("| column | meaning |\n|---|---|\n");
    for (column, said) in COLUMNS.iter().zip(descriptions(COLUMNS)) {
        writeln!(table, "| `{}` | {} |", column.name, said.replace('|', "\\|")).unwrap();
    }
    made("exporting.md", "columns", &table);
}

#[test]
fn the_list_of_causes_is_that_of_the_code() {
    let mut table = String::from("| cause | letter | means | asking again may close it |\n|---|---|---|---|\n");
    for cause in Cause::ALL {
        let (letter, can) = (letter(cause), if cause.can_be_closed() { "yes" } else { "no" });
        writeln!(table, "| `{}` | {letter} | {} | {can} |", cause.name(), cause.about()).unwrap();
    }
    made("coverage.md", "causes", &table);
}

/// What every platform that can be pulled takes, with the example job that `live::examples` runs.
fn sources() -> String {
    let mut page = String::from(
        "# Sources\n\nMade from the code; every example is read and run by a test. A job stands in config.toml; `pullquote login PLATFORM` says the same\n\
         and tries the credential that is there. No secret stands in a file: `*_env` names the variable that holds it.\n\n",
    );
    for platform in platform::ALL {
        let Some(live) = platform.live else { continue };
        let guide = live.guide;
        writeln!(page, "## {}\n\n{}.\n", platform.name, platform.title).unwrap();
        let scope = if guide.scope.is_empty() { "none is used" } else { guide.scope };
        let rows = [
            ("access", guide.access),
            ("least rights", scope),
            ("cost", guide.cost),
            ("limits", guide.limits),
            ("missing", guide.missing),
            ("counts before it reads", if live.count.is_some() { "yes: `pull --estimate`" } else { "no" }),
            ("one post by its address", by_address(platform)),
        ];
        for (what, said) in rows {
            writeln!(page, "- {what}: {said}").unwrap();
        }
        let followed = live.stream.map_or("no".to_owned(), |stream| format!("yes: `pull --follow`, {}", stream.about));
        writeln!(page, "- followed as it comes: {followed}").unwrap();
        writeln!(page, "\n```toml\n{}```\n", example(guide.example)).unwrap();
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

/// Whether a post can be had by its address, and the thread that it stands in.
pub fn by_address(platform: &Platform) -> &'static str {
    let Some(one) = platform.one else { return "no" };
    let world = crate::live::worlds().into_iter().find(|world| world.platform() == platform.name);
    let address = world.and_then(|world| world.address("https://a.example", &crate::live::Item::new(7)));
    let source = Source { credential: Some("x".to_owned()), ..Source::default() };
    let with_thread = address.and_then(|address| one(&address_of(&address)?, true, &source));
    if with_thread.is_some_and(|request| request.is_ok()) { "yes: `pull URL`, `--thread`" } else { "yes: `pull URL`" }
}

/// A guide's example as a whole job.
pub fn example(lines: &str) -> String {
    format!("[[job]]\nname = \"flood\"\ntags = [\"flood\"]\n{}\n", lines.trim_end())
}

fn page() -> String {
    let mut page = String::from(
        "# What is read\n\nMade from the code. Every file is told by its content, never by its name, and offered to the readers below in this\n\
         order; the first that finds posts in it reads it. What no reader knows is said to be unknown, with what did not fit.\n\n\
         | reader | what it can give | pulled | in pages |\n|---|---|---|---|\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for reader in dump::readers() {
        let yes = |is: bool| if is { "yes" } else { "" };
        let (pulled, embeds) = (yes(reader.live.is_some()), yes(reader.embeds.is_some()));
        writeln!(page, "| [{0}](#{0}) | {1} | {pulled} | {embeds} |", reader.name, cell(reader.about)).unwrap();
    }
    page += "\nPulled: a job may name it. In pages: its embeds are found in published pages.\n\n# Dumps of tools\n";
    for reader in dump::ALL.iter().chain(dump::LAST) {
        shapes(reader, &mut page);
    }
    page += "\n# Platforms\n";
    for reader in platform::ALL {
        shapes(reader, &mut page);
    }
    page
}

fn shapes(reader: &Platform, page: &mut String) {
    let cell = |text: &str| text.replace('|', "\\|");
    write!(
        page,
        "\n## {}\n\n{}.\n\n| shape | what it is | told by | cannot give |\n|---|---|---|---|\n",
        reader.name, reader.title
    )
    .unwrap();
    for shape in reader.shapes {
        let row = [shape.name, shape.what, shape.told_by, shape.lacks].map(cell);
        writeln!(page, "| {} |", row.join(" | ")).unwrap();
    }
}
