//! Tests of the text room.

use proptest::prelude::*;

use super::*;

fn text(html: &str) -> String {
    from_fragment(html).text
}

fn page_text(html: &str) -> String {
    of_element(Html::parse_document(html).root_element()).text
}

#[test]
fn line_breaks_are_the_authors() {
    for (html, expected) in [
        ("<p>one<br>two<br/>three</p><p>four</p>", "one\ntwo\nthree\n\nfour"),
        ("<p>one<br><br>two</p>", "one\n\ntwo"),
        ("<p>one<br />\ntwo</p>\n\n<p>three</p>\n", "one\ntwo\n\nthree"),
        ("<p>one\ntwo</p>", "one\ntwo"),
        ("<p>\n  one</p>", "one"),
        ("one<br>two\nthree", "one\ntwo three"),
        ("<p>one<br></p><p></p><p>two</p>", "one\n\ntwo"),
        (
            "<p>two  spaces,<br>   an indent, and one at the end <br>x</p>",
            "two  spaces,\n   an indent, and one at the end \nx",
        ),
        ("<p>hard\u{a0}space &amp;nbsp; &lt;b&gt; &amp;amp;</p>", "hard\u{a0}space &nbsp; <b> &amp;"),
        ("<p>list:</p><ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>end</p>", "list:\n\na\nb\nc\n\nend"),
        ("<blockquote><p>quoted</p></blockquote>answer", "quoted\n\nanswer"),
        ("<p>code:</p><pre><code>if x:\n    y\n</code></pre>", "code:\n\nif x:\n    y"),
        ("<h2>head</h2><div>a</div><div>b</div>", "head\n\na\nb"),
        ("", ""),
        ("<p></p>", ""),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn a_page_collapses_white_space() {
    assert_eq!(page_text("<p>one\n   two  <b> three</b>\n<br>\n four</p>\n<p>five"), "one two three\nfour\n\nfive");
    assert_eq!(page_text("<pre>\na\n  b</pre><table><tr><td>c</td><td>d</td></tr></table>"), "a\n  b\n\nc d");
}

#[test]
fn emoji_are_their_alternative_text_and_pictures_are_not() {
    let html = r#"<p>a <img class="Emoji Emoji--forText" alt="😀"> <img alt=":blobcat:"> <img alt="👩‍💻"><img alt="A cat, asleep"></p>"#;
    assert_eq!(text(html), "a 😀 :blobcat: 👩‍💻");
}

#[test]
fn what_is_not_shown_is_not_text() {
    let html = "<script>x</script><style>y</style><template>z</template><span hidden>h<b>i</b></span><!-- c -->shown";
    assert_eq!(text(html), "shown");
}

#[test]
fn struck_words_are_kept_and_told() {
    for html in [
        "<p>I do <del>not</del> hate them</p>",
        "I do <s>not</s> hate them",
        "<p>I do <strike><b>not</b></strike> hate them</p>",
    ] {
        let read = from_fragment(html);
        assert_eq!((&*read.text, read.unshown.struck), ("I do not hate them", true), "{html}");
        assert_eq!(flat(html), read, "{html}");
    }
    for html in ["<p>shown<del> </del><s hidden>h</s></p>", "<p>a <del></del>b</p>"] {
        assert!(!from_fragment(html).unshown.struck, "{html}");
    }
    let page = |html: &str| of_element(Html::parse_document(html).root_element());
    let styled = page("<p>I do <span style='color: red; Text-Decoration:underline line-through'>not</span> hate");
    assert_eq!((&*styled.text, styled.unshown.struck), ("I do not hate", true));
}

#[test]
fn quoted_words_are_kept_and_told() {
    for (html, quoted) in [
        ("<blockquote><p>They said so.</p></blockquote><p>No.</p>", true),
        ("<p>They said <q>no</q>.</p>", true),
        ("<p>Mine.</p><blockquote> </blockquote>", false),
        ("<p>“Mine.”</p>", false),
    ] {
        assert_eq!((from_fragment(html).unshown.quoted, flat(html).unshown.quoted), (quoted, quoted), "{html}");
    }
}

#[test]
fn hidden_words_are_told() {
    for (html, text, hidden) in [
        ("<p>I do <span hidden>not </span>agree</p>", "I do agree", true),
        ("<p>I do <span class=\"invisible\">not</span> agree</p>", "I do not agree", true),
        (
            "<p>see <a href=\"https://a.example\"><span class=\"invisible\">https://</span>a.example</a></p>",
            "see https://a.example",
            false,
        ),
        ("<p>shown<span hidden> <script>x</script></span><script>y</script></p>", "shown", false),
        ("<p>shown<script><span hidden>x</span></script></p>", "shown", false),
    ] {
        let read = from_fragment(html);
        assert_eq!((&*read.text, read.unshown.hidden), (text, hidden), "{html}");
    }
    let page = |html: &str| of_element(Html::parse_document(html).root_element()).unshown.hidden;
    assert!(page("<p>I do <span style='display: none'>not</span> agree"));
    assert!(!page("<p>I do agree<noscript>x</noscript>"));
}

#[test]
fn what_a_page_hides_by_an_elements_own_style_is_not_text() {
    for style in ["display:none", "color: red; DISPLAY : None !important;", "visibility: hidden"] {
        assert_eq!(
            page_text(&format!("<p>I do <span style='{style}'>not</span> love him")),
            "I do love him",
            "{style}"
        );
    }
    assert_eq!(page_text("<p style='display: block; --x: none'>shown"), "shown");
}

#[test]
fn a_link_keeps_its_whole_address_and_what_the_reader_sees() {
    let html = concat!(
        r#"<p>see <a href="https://www.example.org/a/very/long/path?x=1&amp;y=2" rel="nofollow">"#,
        r#"<span class="invisible">https://www.</span><span class="ellipsis">example.org/a/very/long</span>"#,
        r#"<span class="invisible">/path?x=1&amp;y=2</span></a> and <a href="https://b.example/tags/x" "#,
        r##"class="mention hashtag" rel="tag">#<span>Tag</span></a></p>"##
    );
    for read in [from_fragment(html), tree(html), flat(html)] {
        assert_eq!(read.text, "see https://www.example.org/a/very/long/path?x=1&y=2 and #Tag");
        let links: Vec<(&str, &str)> = read.links.iter().map(|l| (l.shown.as_str(), l.url.as_str())).collect();
        let expected = [
            ("example.org/a/very/long…", "https://www.example.org/a/very/long/path?x=1&y=2"),
            ("#Tag", "https://b.example/tags/x"),
        ];
        assert_eq!(links, expected);
    }
}

#[test]
fn nesting_without_measure_is_read_in_linear_time() {
    for name in ["div", "b", "blockquote", "a href=x", "span class=invisible", "ul><li", "table"] {
        let html = format!("{}deep{}", format!("<{name}>").repeat(100_000), "</p>".repeat(100_000));
        assert_eq!(text(&html), "deep", "{name}");
    }
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=x")).collect();
    assert_eq!(text(&format!("<b{attributes}>many</b>")), "many");
    assert_eq!(text(&format!("{}fifty{}", "<div><i>".repeat(50), "</i></div>".repeat(50))), "fifty");
    assert_eq!(text(&"<".repeat(100_000)).len(), 100_000);
    assert_eq!(text(&"&".repeat(100_000)).len(), 100_000);
}

/// HTML of about the subset that servers send, sometimes broken.
fn html() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zé😀 \n\u{a0}]{0,6}",
        1 => Just("<p>".to_owned()),
        1 => Just("</p><p>".to_owned()),
        1 => Just("</p>".to_owned()),
        1 => Just("<br>".to_owned()),
        1 => Just("<br />".to_owned()),
        1 => Just("<a href=\"https://a.example/?x=1&amp;y=2\" class=\"u-url mention\">".to_owned()),
        1 => Just("</a>".to_owned()),
        1 => Just("<span class=\"invisible\">".to_owned()),
        1 => Just("<span class=\"ellipsis\">".to_owned()),
        1 => Just("<span>".to_owned()),
        2 => Just("</span>".to_owned()),
        1 => prop::sample::select(vec![
            "&amp;", "&lt;", "&#39;", "&quot;", "&nbsp;", "&", "&notin;", "&amp", "&#x1F600;", "&#128;", "&#0;", "<", ">",
            "<b>", "</b>", "<P>", "<span hidden=\"\">", "<!-- x -->", "<a href='x'>", "\r\n", "\0", "<br/>", "</br>", "<p/>",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Properly nested HTML of the subset.
fn proper() -> impl Strategy<Value = String> {
    let inline = prop_oneof![
        4 => "[a-zé😀 \n\u{a0}]{0,6}",
        1 => Just("<br>".to_owned()),
        1 => "[a-z&;#39]{0,8}",
        1 => "[a-z \n]{0,4}".prop_map(|t| format!("<a href=\"https://a.example/{}\">{t}</a>", t.trim())),
        1 => "[a-z]{0,4}".prop_map(|t| format!("<a href=\"x\"><span class=\"invisible\">{t}</span><span class=\"ellipsis\">{t}</span></a>")),
        1 => "[a-z \n]{0,4}".prop_map(|t| format!("<span>{t}<span hidden=\"\">{t}</span></span>")),
    ];
    let inlines = prop::collection::vec(inline, 0..8).prop_map(|parts| parts.concat());
    prop::collection::vec((any::<bool>(), inlines), 0..5).prop_map(|blocks| {
        blocks.into_iter().map(|(p, inside)| if p { format!("<p>{inside}</p>") } else { inside }).collect()
    })
}

proptest! {
    #[test]
    fn the_fast_way_reads_what_the_tree_reads(html in prop_oneof![html(), proper()]) {
        if let Some(read) = small(&html) {
            prop_assert_eq!(read, tree(&html), "{:?}", html);
        }
    }

    #[test]
    fn any_text_can_be_read(html in ".{0,200}") {
        let read = from_fragment(&html);
        prop_assert!(read.text.len() <= html.len() * 3 + 64);
        flat(&html);
    }

    #[test]
    fn the_usual_takes_the_fast_way(words in "[a-z ]{1,20}") {
        let html = format!("<p>{words}<br>&amp; <a href=\"https://x.example/\" class=\"mention\">@<span>x</span></a></p>");
        prop_assert!(small(&html).is_some());
    }
}

#[test]
fn an_embed_keeps_typed_spaces_but_not_the_layout_of_its_page() {
    let html = Html::parse_fragment("<p>two  spaces <br>\n   <br>\n  next\n   line</p>\n— Ada");
    let rendered = of_embed(html.tree.root().traverse());
    assert_eq!(rendered.text, "two  spaces \n\nnext line\n\n— Ada");
}
