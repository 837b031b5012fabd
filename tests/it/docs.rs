//! docs/platforms.md is made from the registry; `BLESS=1` writes it anew.

use std::fmt::Write as _;

use pullquote::platform::Platform;
use pullquote::{dump, platform};

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
