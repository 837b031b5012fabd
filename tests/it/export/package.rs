//! Data packages: checked by sha256sum and by the program of Frictionless.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pullquote::export::{CAPTURE_COLUMNS, COLUMNS, Package};
use pullquote::query;
use pullquote::store::Reader;
use serde_json::Value;

use super::{desk, out, python};
use crate::program::Desk;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).iter().map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn sums_fit(folder: &Path) {
    let ran =
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut summed: Vec<&str> =
        sums.lines().map(|line| line.split_once("  ").unwrap().1).chain(["SHA256SUMS"]).collect();
    summed.sort_unstable();
    assert_eq!(summed, names(folder), "every file has its sum");
}

#[test]
fn a_package_says_what_it_holds() {
    let desk = desk();
    let (folder, name) = out(&desk, "package");
    let ran = desk
        .run(&["export", "--package", &name, "--title", "Harbour: \"ferry\"", "--by", "Moss, Ada", "--by", "Ben"])
        .ok();
    assert!(ran.err.contains("exported "), "{}", ran.err);
    sums_fit(&folder);
    let descriptor: Value = serde_json::from_slice(&fs::read(folder.join("datapackage.json")).unwrap()).unwrap();
    assert_eq!(descriptor["title"], "Harbour: \"ferry\"");
    assert_eq!(descriptor["contributors"][1]["title"], "Ben");
    let codebook = fs::read_to_string(folder.join("codebook.md")).unwrap();
    for (place, columns) in [COLUMNS, CAPTURE_COLUMNS].into_iter().enumerate() {
        let fields = descriptor["resources"][place]["schema"]["fields"].as_array().unwrap();
        assert_eq!(fields.len(), columns.len());
        for (field, column) in fields.iter().zip(columns) {
            let said = field["description"].as_str().unwrap();
            assert_eq!(field["name"], column.name);
            assert!(
                codebook.contains(&format!("| `{}` | ", column.name)) && codebook.contains(said),
                "{}",
                column.name
            );
        }
    }
    let citation = fs::read_to_string(folder.join("CITATION.cff")).unwrap();
    assert!(
        citation.contains("title: \"Harbour: \\\"ferry\\\"\"\nauthors:\n  - name: \"Moss, Ada\"\n  - name: \"Ben\"\n"),
        "{citation}"
    );
    // The posts are those of an export, and every capture that proves one is there.
    let table = desk.run(&["export", "--as", "csv"]).ok().out;
    assert_eq!(fs::read_to_string(folder.join("data/posts.csv")).unwrap(), table);
    assert_eq!(fs::read_to_string(folder.join("data/captures.csv")).unwrap().lines().count(), 3);
    // A second one does not go into the same place.
    let again = desk.run(&["export", "--package", &name]);
    assert!(again.code == 1 && again.err.contains("is there already"), "{}", again.err);
    sums_fit(&folder);
}

#[test]
fn a_package_of_a_search_holds_what_proves_its_posts() {
    let desk = desk();
    let (folder, name) = out(&desk, "package");
    desk.run(&["export", "from:ada_1 OR from:ada_2", "--package", &name, "--verbatim"]).ok();
    sums_fit(&folder);
    let captures = fs::read_to_string(folder.join("data/captures.csv")).unwrap();
    assert!(captures.lines().count() == 2 && captures.contains("file:///awkward.jsonl"), "{captures}");
    let codebook = fs::read_to_string(folder.join("codebook.md")).unwrap();
    assert!(codebook.contains("The posts that match the search \"from:ada_1 OR from:ada_2\"."), "{codebook}");
    assert!(codebook.contains("Texts are verbatim."), "{codebook}");
    assert!(fs::read_to_string(folder.join("CITATION.cff")).unwrap().contains("(fill in who collected these posts)"));
}

#[test]
fn further_files_are_summed_and_listed() {
    let desk = desk();
    let reader = Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    let folder = desk.path().join("package");
    let package = Package {
        title: "Posts",
        authors: &[],
        query: "",
        made: chrono::DateTime::UNIX_EPOCH,
        version: "0",
        verbatim: false,
        hidden: None,
        extras: vec![
            ("coverage.json".to_owned(), b"{}\n".to_vec()),
            ("methods.md".to_owned(), b"# Methods\n".to_vec()),
        ],
    };
    let everything = query::Expr::everything();
    pullquote::export::folder(&folder, |inside| package.write(inside, &reader, &everything, |_| {})).unwrap();
    sums_fit(&folder);
    let descriptor: Value = serde_json::from_slice(&fs::read(folder.join("datapackage.json")).unwrap()).unwrap();
    let resources = descriptor["resources"].as_array().unwrap();
    let coverage = resources.iter().find(|resource| resource["path"] == "coverage.json").unwrap();
    assert_eq!((coverage["name"].as_str(), coverage["bytes"].as_u64()), (Some("coverage-json"), Some(3)));
}

#[test]
fn a_package_tells_the_coverage_of_the_jobs_that_saw_its_posts() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let table = desk.file("posts.csv", b"name,text,date\nAda,Only imported,2021-07-26T10:00:00Z\n");
    desk.run(&["import", table.to_str().unwrap(), "--map", "text=text,author=name,date=date"]).ok();
    let made = |name: &str, query: &[&str]| {
        let (folder, name) = out(&desk, name);
        desk.run(&[&["export", "--package", &name], query].concat()).ok();
        sums_fit(&folder);
        folder
    };
    let of = |folder: &Path| -> (Vec<Value>, String) {
        let coverage = serde_json::from_slice(&fs::read(folder.join("coverage.json")).unwrap()).unwrap();
        (coverage, fs::read_to_string(folder.join("methods.md")).unwrap())
    };
    let imported = made("imported", &["job:import"]);
    assert!(!names(&imported).iter().any(|name| name == "coverage.json" || name == "methods.md"));
    let (coverage, methods) = of(&made("all", &[]));
    assert!(!coverage.is_empty() && coverage.iter().all(|sight| sight["part"].is_null()), "{coverage:?}");
    assert!(!methods.contains("holds only those posts"), "{methods}");
    let key = coverage[0]["job"].as_str().unwrap();
    let (coverage, methods) = of(&made("job", &[&format!("job:{key}")]));
    assert!(coverage.iter().all(|sight| sight["part"].is_null()) && !methods.contains("holds only those posts"));
    let (coverage, methods) = of(&made("some", &["since:2000-01-01"]));
    for told in coverage.iter().map(|sight| sight["part"].as_str().unwrap()).chain([methods.as_str()]) {
        assert!(told.contains("holds only those posts of the job") && told.contains("since:2000"), "{told}");
    }
}

#[test]
fn a_citation_can_be_read_whatever_the_title() {
    let Some(mut python) = python() else { return };
    let desk = desk();
    let (folder, name) = out(&desk, "package");
    let title = "\u{7f}\u{85}\u{9b}\u{2028}\u{feff}\u{ffff}\n\t\"Ferry\": \\ 🚢";
    desk.run(&["export", "--package", &name, "--title", title]).ok();
    let script =
        "import yaml, json; print(json.dumps(yaml.safe_load(open('CITATION.cff', encoding='utf-8'))['title']))";
    let ran = python.args(["-c", script]).current_dir(&folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(serde_json::from_slice::<Value>(&ran.stdout).unwrap(), title);
}

#[test]
fn frictionless_finds_a_package_valid() {
    let Some(mut python) = python() else { return };
    let desk = desk();
    let leap = desk.file("leap.csv", b"name,text,date\nAda,Happy new year,2016-12-31T23:59:60Z\n");
    desk.run(&["import", leap.to_str().unwrap(), "--map", "text=text,author=name,date=date"]).ok();
    let (folder, name) = out(&desk, "package");
    desk.run(&["export", "--package", &name]).ok();
    let table = fs::read_to_string(folder.join("data/posts.csv")).unwrap();
    assert!(table.contains("2016-12-31T23:59:59.999999Z,2016-12-31,"), "{table}");
    let script = "import frictionless, json, sys\n\
        report = frictionless.validate('datapackage.json')\n\
        posts = frictionless.Package('datapackage.json').get_resource('posts').read_rows()\n\
        told = [[row['key'], row['text'], row['likes'], row['hashtags'], str(row['created'])] for row in posts]\n\
        print(json.dumps({'errors': report.flatten(['type', 'rowNumber', 'fieldName', 'note']), 'posts': told}))\n";
    let ran = python.args(["-c", script]).current_dir(&folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(told["errors"], Value::Array(Vec::new()));
    assert_eq!(told["posts"].as_array().unwrap().len(), desk.posts().len());
    assert!(told["posts"].as_array().unwrap().iter().any(|post| post[3][0] == "IStandWithKenLoach"), "{told}");
}
