//! Quotations of posts whose authors would rather have them read otherwise.

use pullquote::model::{Author, CaptureRef, Handle, Post, Precision, When, WhenSource};
use pullquote::quote::{FORMATS, Quotable};

fn quoted(format: &str, text: &str, name: &str) -> String {
    let at = "2021-07-26T12:00:00Z".parse().unwrap();
    let post = Post {
        text: text.to_owned(),
        author: Author { name: Some(name.to_owned()), handle: Handle::new("ann@a.example"), ..Author::default() },
        created: When::new(at, Precision::Second, WhenSource::Platform),
        ..Post::default()
    };
    let capture = CaptureRef { file: String::new(), offset: 0, record_id: String::new(), digest: String::new() };
    let (_, quote) = FORMATS.iter().find(|(name, _)| *name == format).unwrap();
    quote(&Quotable { key: String::new(), post, capture, captured_at: at, nested: false, gone: None })
}

#[test]
fn an_author_does_not_turn_the_attribution_around() {
    let (text, name) = ("one\u{202e}\ntwo\u{202e} three\u{2067}", "Ann\u{202e}");
    assert_eq!(
        quoted("line", text, name),
        "one\u{202e}\ntwo\u{202e} three\u{2067}\u{2069}\u{202c} — Ann\u{202e}\u{202c} (@ann@a.example) July 26, 2021"
    );
    assert_eq!(
        quoted("markdown", text, name),
        "> one\u{202e}\u{202c}\\\n> two\u{202e} three\u{2067}\u{2069}\u{202c}\n>\n\
         > — Ann\u{202e}\u{202c} (@ann@a.example), July 26, 2021"
    );
    assert!(quoted("json", text, name).contains("three\u{2067}\""), "as it was written");
    assert_eq!(quoted("line", "שלום", "Ann"), "שלום — Ann (@ann@a.example) July 26, 2021");
}
