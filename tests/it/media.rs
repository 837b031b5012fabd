//! Pictures, films and sounds: fetched once, told from what is none, laid where `rebuild` can lay them again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::program::Desk;
use crate::support::{Answer, Server};
use crate::timeline::{config, status};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture in these tests; password=\"kept as it is\"";

/// A timeline of one post with five attachments, of which two are the same picture.
fn server() -> Server {
    Server::new(|_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let json = ("content-type", "application/json");
        match request.path.as_str() {
            "/media/1.png" | "/media/again.png?size=2" => Answer::new(200, &[("content-type", "image/png")], PNG),
            "/media/page.png" => Answer::new(200, &[("content-type", "text/html")], "<script>alert(1)</script>"),
            "/media/film.mp4" => Answer::new(200, &[("content-type", "video/mp4")], "a film"),
            "/media/gone.png" => Answer::new(404, &[("content-type", "text/plain")], "gone"),
            path if path.contains("_id=") => Answer::new(200, &[json], "[]"),
            _ => {
                let mut post: serde_json::Value = serde_json::from_str(&status(&base, 1)).unwrap();
                let media = |name: &str, kind: &str| {
                    serde_json::json!({
                        "id": name, "type": kind, "url": format!("{base}/media/{name}"), "description": format!("About {name}"),
                    })
                };
                post["media_attachments"] = serde_json::json!([
                    media("1.png", "image"),
                    media("again.png?size=2", "image"),
                    media("page.png", "image"),
                    media("film.mp4", "video"),
                    media("gone.png", "image"),
                ]);
                Answer::new(200, &[json], format!("[{post}]"))
            }
        }
    })
}

fn files(desk: &Desk) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(desk.archive().join("media")).into_iter().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn media_are_fetched_once_and_can_be_laid_down_again() {
    let server = server();
    let desk = Desk::with(&config(&server).replace("[http]", "media = \"download\"\n[http]"));
    let ran = desk.run(&["pull", "--json"]).ok();
    assert_eq!(ran.json()[0]["media"]["fetched"], 3, "{}", ran.out);
    let failed = ran.json()[0]["media"]["failed"].to_string();
    assert!(failed.contains("404") && failed.contains("text/html"), "{failed}");
    let laid = files(&desk);
    assert_eq!(laid.len(), 2, "{laid:?}");
    let picture = laid.iter().find(|path| path.extension().is_some_and(|ending| ending == "png")).unwrap();
    assert_eq!(std::fs::read(picture).unwrap(), PNG);
    assert!(std::fs::read_dir(desk.archive().join("media")).unwrap().count() == 2, "nothing unfinished is left");

    let before = server.received().len();
    desk.run(&["pull"]).ok();
    let asked: Vec<String> = server.received().iter().skip(before).map(|request| request.path.clone()).collect();
    assert!(asked.iter().all(|path| !path.starts_with("/media/")), "{asked:?}");

    let key = desk.posts()[0]["key"].as_str().unwrap().to_owned();
    let shown = desk.run(&["show", &key]).ok().out;
    assert!(shown.contains("About 1.png") && shown.contains("media/") && shown.contains("sha256:"), "{shown}");

    desk.run(&["verify"]).ok();
    let rows = crate::kill::dump(&desk);
    std::fs::remove_file(picture).unwrap();
    let ran = desk.run(&["verify"]);
    assert!(ran.code == 4 && ran.out.contains("is missing"), "{}", ran.out);
    desk.run(&["rebuild"]).ok();
    assert_eq!(files(&desk), laid);
    assert_eq!(std::fs::read(picture).unwrap(), PNG);
    assert_eq!(crate::kill::dump(&desk), rows);
    std::fs::write(picture, b"another picture").unwrap();
    let ran = desk.run(&["verify"]);
    assert!(ran.code == 4 && ran.out.contains("is not what was fetched"), "{}", ran.out);
}

#[test]
fn what_could_not_be_had_for_now_is_asked_for_again_and_a_budget_holds() {
    let busy = AtomicBool::new(true);
    let server = Server::new(move |_, request| match request.path.as_str() {
        "/media/busy.png" if busy.swap(false, Ordering::SeqCst) => {
            Answer::new(503, &[("content-type", "text/plain")], "later")
        }
        "/media/busy.png" => Answer::new(200, &[("content-type", "image/png")], PNG),
        path if path.contains("_id=") => Answer::new(200, &[("content-type", "application/json")], "[]"),
        _ => {
            let base = format!("http://{}", request.header("host").unwrap());
            let mut post: serde_json::Value = serde_json::from_str(&status(&base, 1)).unwrap();
            post["media_attachments"] =
                serde_json::json!([{ "id": "1", "type": "image", "url": format!("{base}/media/busy.png") }]);
            Answer::new(200, &[("content-type", "application/json")], format!("[{post}]"))
        }
    });
    let config = config(&server).replace("[http]", "media = \"download\"\n[http]\n");
    let few = config.replace("media = ", "budget = { requests = 1 }\nmedia = ");
    let desk = Desk::with(&few);
    let ran = desk.run(&["pull", "--json"]);
    assert!(ran.json()[0]["media"]["left"].as_str().unwrap().contains("1 requests"), "{}", ran.out);
    assert!(server.received().iter().all(|request| !request.path.starts_with("/media/")));
    std::fs::write(desk.path().join("config.toml"), &config).unwrap();
    let ran = desk.run(&["pull", "--json"]).ok();
    assert!(ran.json()[0]["media"]["failed"].to_string().contains("503"), "{}", ran.out);
    let ran = desk.run(&["pull", "--json"]).ok();
    assert_eq!(ran.json()[0]["media"]["fetched"], 1, "{}", ran.out);
    assert_eq!(files(&desk).len(), 1);
}

#[test]
fn a_strangers_address_leads_nowhere_inside() {
    let inside = Server::new(|_, _| Answer::new(200, &[("content-type", "image/png")], PNG));
    let address = inside.url("/admin.png");
    let outside = Server::new(move |_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let mut post: serde_json::Value = serde_json::from_str(&status(&base, 1)).unwrap();
        post["media_attachments"] = serde_json::json!([{ "id": "1", "type": "image", "url": address }]);
        let body = if request.path.contains("_id=") { "[]".to_owned() } else { format!("[{post}]") };
        Answer::new(200, &[("content-type", "application/json")], body)
    });
    let both = format!("allow_private = [{:?}, ", inside.host());
    let config = config(&outside).replace("[http]", "media = \"download\"\n[http]").replace("allow_private = [", &both);
    let ran = Desk::with(&config).run(&["pull", "--json"]).ok();
    assert!(ran.json()[0]["media"]["failed"].to_string().contains("allow_private"), "{}", ran.out);
    assert_eq!(inside.received().len(), 0);
}

#[test]
fn only_addresses_are_kept_unless_the_job_says_otherwise() {
    let server = server();
    let desk = Desk::with(&config(&server));
    desk.run(&["pull"]).ok();
    assert!(!desk.archive().join("media").exists());
    let desk =
        Desk::with(&config(&server).replace("[http]", "media = \"download\"\nmedia_kinds = [\"video\"]\n[http]"));
    desk.run(&["pull"]).ok();
    assert_eq!(files(&desk).len(), 1);
    let desk = Desk::with(&config(&server).replace("[http]", "media_kinds = [\"films\"]\n[http]"));
    let ran = desk.run(&["pull"]);
    assert!(ran.code == 3 && ran.err.contains("films"), "{}", ran.err);
}
