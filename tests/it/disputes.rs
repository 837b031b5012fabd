//! Sources that disagree about one post: who wrote it, what it says, when it was edited. The greater authority is shown,
//! nothing is replaced in silence, and no order of arrival is an advantage to a liar.

use chrono::TimeDelta;
use pullquote::model::{Author, Handle, Link, Post, Precision, TextState, WhenSource};

use crate::store::{Archive, at, post, start};

const OWN: &str = "https://a.example/api";
const RELAY: &str = "https://b.example/api";
const FILE: &str = "file:///posts.json";
const PAGE: &str = "https://news.example/article";

/// The post as a page shows it.
fn printed(text: &str) -> Post {
    Post {
        id: None,
        created: at(0, Precision::Day, WhenSource::Page),
        text_state: TextState::Unknown,
        ..post("1", 0, text)
    }
}

fn by(handle: &str, post: Post) -> Post {
    Post { author: Author { handle: Handle::new(handle), ..Author::default() }, ..post }
}

/// The text and the handle that the archive shows after these sightings.
fn shown(sightings: &[(&str, Post)]) -> (Archive, String, String, Vec<String>) {
    let mut archive = Archive::new();
    for (url, post) in sightings {
        archive.see_at(url, std::slice::from_ref(post));
    }
    archive.is_whole();
    let stored = archive.one(&post("1", 0, ""));
    let handle = stored.post.author.handle.map(|handle| handle.as_str().to_owned());
    (archive, stored.post.text, handle.unwrap_or_default(), stored.post.doubts)
}

fn is_about_words(doubts: &[String]) -> bool {
    doubts.iter().filter(|doubt| doubt.starts_with("sources disagree about its words")).count() == 1
}

#[test]
fn the_posts_own_server_is_believed_whoever_comes_first() {
    let (truth, lie) = (post("1", 0, "truth"), post("1", 0, "lie"));
    for other in [RELAY, FILE] {
        for sightings in [[(OWN, truth.clone()), (other, lie.clone())], [(other, lie.clone()), (OWN, truth.clone())]] {
            let (archive, text, _, doubts) = shown(&sightings);
            assert_eq!(text, "truth", "{other}");
            assert!(is_about_words(&doubts), "{doubts:?}");
            let revisions = archive.reader().revisions(&truth.key()).unwrap();
            assert_eq!(revisions.len(), 2);
            assert_eq!(revisions.iter().map(|r| r.authority).sum::<u8>(), 3);
            assert_eq!(archive.texts("lie").len(), 0, "what is not shown is not found");
        }
    }
}

#[test]
fn a_later_edit_date_does_not_outweigh_authority() {
    let lie = Post { edited: Some(start()), ..post("1", 0, "lie") };
    let (_, text, _, doubts) = shown(&[(OWN, post("1", 0, "truth")), (RELAY, lie)]);
    assert_eq!((text.as_str(), doubts.len()), ("truth", 0), "an older and a newer state are no contradiction");
}

#[test]
fn of_pages_the_first_stays_and_a_platform_beats_them() {
    let (archive, text, _, doubts) =
        shown(&[(PAGE, printed("first")), (PAGE, printed("second")), (PAGE, printed("second"))]);
    assert_eq!(text, "first");
    assert!(is_about_words(&doubts), "{doubts:?}");
    let mut archive = archive;
    archive.see_at(RELAY, &[post("1", 0, "second")]);
    assert_eq!(archive.one(&post("1", 0, "")).post.text, "second");
    let (_, text, ..) = shown(&[(RELAY, post("1", 0, "first")), (RELAY, post("1", 0, "second"))]);
    assert_eq!(text, "second", "a platform's posts are edited");
}

#[test]
fn a_true_text_known_before_comes_back_when_its_server_confirms_it() {
    let (archive, text, ..) =
        shown(&[(FILE, post("1", 0, "truth")), (RELAY, post("1", 0, "lie")), (OWN, post("1", 0, "truth"))]);
    assert_eq!(text, "truth");
    // A file does not tell when it was had: the first live capture of the truth came after that of the lie.
    assert_eq!(archive.one(&post("1", 0, "")).revision, 2);
}

#[test]
fn a_cut_text_does_not_vouch_for_what_it_does_not_show() {
    let cut = Post { text: "one two…".to_owned(), text_state: TextState::Truncated, ..post("1", 0, "") };
    let (_, text, ..) = shown(&[(FILE, post("1", 0, "one two lie")), (OWN, cut), (OWN, post("1", 0, "one two three"))]);
    assert_eq!(text, "one two three");
}

#[test]
fn white_space_and_cut_ends_are_no_disagreement_and_the_platforms_are_kept() {
    let cut = Post { text: "one two…".to_owned(), text_state: TextState::Truncated, ..post("1", 0, "") };
    let (_, text, _, doubts) =
        shown(&[(PAGE, printed("one two three")), (OWN, post("1", 0, "one two\n\nthree")), (RELAY, cut)]);
    assert_eq!((text.as_str(), doubts.len()), ("one two\n\nthree", 0));
    let (_, text, _, doubts) = shown(&[(OWN, post("1", 0, "one two\n\nthree")), (PAGE, printed("one two three"))]);
    assert_eq!((text.as_str(), doubts.len()), ("one two\n\nthree", 0));
    let (_, text, _, doubts) =
        shown(&[(OWN, post("1", 0, "one two\n\nthree")), (RELAY, post("1", 0, "one  two three"))]);
    assert_eq!((text.as_str(), doubts.len()), ("one two\n\nthree", 0));
}

#[test]
fn a_page_that_has_only_the_address_says_nothing_of_the_words() {
    for whole in [post("1", 0, "words"), printed("words")] {
        let url = if whole.created == post("1", 0, "").created { FILE } else { PAGE };
        for sightings in [[(url, whole.clone()), (PAGE, printed(""))], [(PAGE, printed("")), (url, whole.clone())]] {
            let (_, text, _, doubts) = shown(&sightings);
            assert_eq!((text.as_str(), doubts.len()), ("words", 0), "{doubts:?}");
        }
    }
    // A picture without words is whole.
    let silent = post("1", 0, "");
    let (_, text, _, doubts) = shown(&[(FILE, silent), (FILE, post("1", 0, "words"))]);
    assert!(is_about_words(&doubts), "{text}: {doubts:?}");
}

#[test]
fn a_page_that_has_only_the_address_of_a_post_disagrees_with_nobody() {
    let only = "the page has only the address of the post";
    let bare = Post { doubts: vec![only.to_owned()], ..printed("") };
    let own = post("1", 0, "truth");
    for sightings in [[(PAGE, bare.clone()), (OWN, own.clone())], [(OWN, own.clone()), (PAGE, bare.clone())]] {
        let (archive, text, _, doubts) = shown(&sightings);
        assert_eq!((text.as_str(), doubts.len()), ("truth", 0), "{doubts:?}");
        let stored = archive.one(&own);
        assert_eq!((stored.post.text_state, stored.revision), (TextState::Complete, 1));
        assert_eq!(archive.reader().revisions(&stored.key).unwrap().len(), 1);
    }
    let cut = Post { text_state: TextState::Truncated, ..printed("tru…") };
    let (_, text, ..) = shown(&[(PAGE, bare.clone()), (PAGE, cut)]);
    assert_eq!(text, "tru…", "some words are better than none");
    let (_, _, _, doubts) = shown(&[(PAGE, bare)]);
    assert_eq!(doubts, [only]);
}

#[test]
fn another_content_warning_is_another_state() {
    let warned = |warning: &str| Post { content_warning: Some(warning.to_owned()), ..post("1", 0, "same") };
    for other in [warned("lie"), post("1", 0, "same")] {
        let (archive, _, _, doubts) = shown(&[(RELAY, other), (OWN, warned("eye contact"))]);
        assert!(is_about_words(&doubts), "{doubts:?}");
        let stored = archive.one(&post("1", 0, ""));
        assert_eq!(stored.post.content_warning.as_deref(), Some("eye contact"));
    }
    let (_, _, _, doubts) = shown(&[(OWN, warned("eye contact")), (PAGE, printed("same"))]);
    assert!(doubts.is_empty(), "a page may leave it out");
}

#[test]
fn another_author_gets_nothing_in() {
    let lie = Post { lang: Some("xx".to_owned()), ..by("mal@b.example", post("1", 0, "lie")) };
    let (mut archive, text, handle, doubts) = shown(&[(OWN, post("1", 0, "truth")), (RELAY, lie.clone())]);
    assert_eq!((text.as_str(), handle.as_str()), ("truth", "ann@a.example"));
    assert_eq!(doubts, ["another source names @mal@b.example as its author: https://b.example/api"]);
    archive.see_at(FILE, std::slice::from_ref(&lie));
    let stored = archive.one(&lie);
    assert_eq!(stored.post.doubts, doubts, "once");
    assert_eq!((stored.post.lang, stored.revision), (None, 1));
    let reader = archive.reader();
    assert_eq!(reader.revisions(&stored.key).unwrap().len(), 1);
    let seen: Vec<_> = reader.sightings(&stored.key).unwrap().iter().map(|s| s.revision).collect();
    assert_eq!(seen, [Some(1), None, None], "the sightings stay");
    assert_eq!(archive.texts("from:mal@b.example").len(), 0);
    assert_eq!(archive.texts("from:ann@a.example"), ["truth"]);
    archive.is_whole();
}

#[test]
fn the_author_whom_the_own_server_names_takes_the_post_over() {
    let cut = Post { text: "tru…".to_owned(), text_state: TextState::Truncated, ..post("1", 7, "") };
    let lie = Post { lang: Some("xx".to_owned()), ..by("mal@b.example", post("1", 0, "lie")) };
    let eve = by("eve@c.example", printed("another lie"));
    let later = Post { edited: Some(start()), ..by("mal@b.example", post("1", 0, "later lie")) };
    let (mut archive, text, handle, doubts) =
        shown(&[(PAGE, lie.clone()), (PAGE, eve), (RELAY, later.clone()), (OWN, cut)]);
    assert_eq!((text.as_str(), handle.as_str()), ("tru…", "ann@a.example"));
    assert_eq!(
        doubts,
        [
            "another source names @mal@b.example as its author: https://news.example/article",
            "another source names @eve@c.example as its author: https://news.example/article"
        ],
        "the first who named each, and the greater authority before the lesser"
    );
    archive.see_at(RELAY, &[later, post("1", 0, "truth")]);
    let stored = archive.one(&lie);
    // The whole text is the state that its own server cut.
    assert_eq!((stored.post.text.as_str(), stored.post.lang, stored.revision), ("truth", None, 1));
    assert_eq!(stored.post.text_state, TextState::Repaired);
    let reader = archive.reader();
    let seen: Vec<_> = reader.sightings(&stored.key).unwrap().iter().map(|s| s.revision).collect();
    assert_eq!(seen, [None, None, None, Some(1), None, Some(1)]);
    assert_eq!(archive.texts("from:ann@a.example"), ["truth"]);
    assert_eq!(archive.texts("from:mal@b.example").len(), 0);
    archive.is_whole();
}

#[test]
fn a_name_that_was_refused_is_not_doubted_once_it_is_right() {
    let lie = by("mal@b.example", post("1", 0, "lie"));
    let (_, _, handle, doubts) = shown(&[(RELAY, lie), (FILE, post("1", 0, "truth")), (OWN, post("1", 0, "truth"))]);
    assert_eq!(handle, "ann@a.example");
    assert_eq!(doubts, ["another source names @mal@b.example as its author: https://b.example/api"]);
}

#[test]
fn a_renamed_account_is_the_same_author() {
    let named = |handle: &str| Post {
        platform: "bluesky".to_owned(),
        uri: Some("at://did:plc:ann/app.bsky.feed.post/1".to_owned()),
        author: Author { id: Some("did:plc:ann".to_owned()), handle: Handle::new(handle), ..Author::default() },
        ..post("1", 0, "same")
    };
    let mut archive = Archive::new();
    archive.see_at("https://api.bsky.example/xrpc", &[named("old.example")]);
    let edited = Post { text: "edited".to_owned(), edited: Some(start()), ..named("new.example") };
    archive.see_at("https://other.example/xrpc", std::slice::from_ref(&edited));
    let stored = archive.one(&edited);
    assert_eq!((stored.post.text.as_str(), stored.post.doubts.len()), ("edited", 0));
    assert_eq!(stored.post.author.handle.unwrap().as_str(), "new.example");
    archive.is_whole();
}

#[test]
fn who_does_not_name_an_author_contradicts_nobody() {
    let bare = Post { author: Author::default(), ..printed("same") };
    for sightings in
        [[(PAGE, bare.clone()), (OWN, post("1", 0, "same"))], [(OWN, post("1", 0, "same")), (PAGE, bare.clone())]]
    {
        let (archive, _, handle, doubts) = shown(&sightings);
        assert_eq!((handle.as_str(), doubts.len()), ("ann@a.example", 0));
        assert_eq!(archive.texts("from:ann@a.example"), ["same"]);
    }
}

#[test]
fn what_a_relay_said_beside_the_words_gives_way_to_the_own_server() {
    let link = |url: &str| vec![Link { shown: "a.example".to_owned(), url: url.to_owned() }];
    let truth = Post { links: link("https://a.example"), ..post("1", 60, "same") };
    let lie = Post {
        links: link("https://b.example/trap"),
        url: Some("https://b.example".to_owned()),
        ..post("1", 0, "same")
    };
    for sightings in [[(RELAY, lie.clone()), (OWN, truth.clone())], [(OWN, truth.clone()), (RELAY, lie.clone())]] {
        let stored = shown(&sightings).0.one(&truth);
        assert_eq!((stored.post.links, stored.post.created), (truth.links.clone(), truth.created));
    }
}

#[test]
fn dates_that_disagree_are_told_and_no_order_of_arrival_decides() {
    let at = |days: i64, precision, source| {
        let at = start() + TimeDelta::days(days);
        Post { created: pullquote::model::When::new(at, precision, source), ..post("1", 0, "same") }
    };
    let told = |doubts: &[String]| -> Vec<String> {
        let dates = doubts.iter().filter_map(|doubt| doubt.strip_prefix("another source says that it was written on "));
        dates.map(str::to_owned).collect()
    };
    let [own, relayed, file, printed, near] = [
        (OWN, at(0, Precision::Second, WhenSource::Platform)),
        (RELAY, at(-900, Precision::Second, WhenSource::Platform)),
        (FILE, at(-30, Precision::Second, WhenSource::Platform)),
        (PAGE, at(400, Precision::Day, WhenSource::Page)),
        (PAGE, at(1, Precision::Day, WhenSource::Page)),
    ];
    for (sightings, shown_at, others) in [
        (vec![relayed.clone(), file.clone()], "2019-02-13T12:00:00Z", vec!["2021-07-02T12:00:00Z"]),
        (vec![own.clone(), near.clone()], "2021-08-01T12:00:00Z", vec![]),
        (
            vec![own.clone(), relayed.clone(), file.clone(), printed.clone(), near.clone()],
            "2021-08-01T12:00:00Z",
            vec!["2019-02-13T12:00:00Z", "2021-07-02T12:00:00Z", "2022-09-05"],
        ),
    ] {
        for turn in 0..sightings.len() {
            for backwards in [false, true] {
                let mut order = sightings.clone();
                order.rotate_left(turn);
                if backwards {
                    order.reverse();
                }
                let (archive, _, _, doubts) = shown(&order);
                let stored = archive.one(&post("1", 0, ""));
                assert_eq!(stored.post.created.unwrap().to_rfc3339(), shown_at, "{order:?}");
                assert_eq!(told(&doubts), others, "{order:?}");
            }
        }
    }
}

#[test]
fn an_edit_after_the_capture_does_not_count_and_is_named() {
    let lie = Post { edited: Some(start() + TimeDelta::days(900)), ..post("1", 0, "lie") };
    for sightings in [vec![(OWN, lie.clone()), (OWN, post("1", 0, "truth"))], vec![(OWN, lie)]] {
        let (archive, text, _, doubts) = shown(&sightings);
        assert_eq!(text, if sightings.len() == 2 { "truth" } else { "lie" });
        assert!(doubts[0].contains("edited on 2024-01-18T12:00:00Z"), "{doubts:?}");
        assert_eq!(archive.one(&post("1", 0, "")).post.edited, None);
    }
    let edited = Post { edited: Some(start() + TimeDelta::hours(20)), ..post("1", 0, "edited") };
    let (_, text, _, doubts) = shown(&[(OWN, edited), (OWN, post("1", 0, "late"))]);
    assert_eq!((text.as_str(), doubts.len()), ("edited", 0), "clocks of servers differ");
}

#[test]
fn a_crowd_of_doubts_is_not_kept_whole_and_hides_none_of_the_archives_own() {
    let doubtful = |doubt: String| Post { doubts: vec![doubt], ..printed("truth") };
    let mut sightings: Vec<_> = (0..300).map(|i| (PAGE, doubtful(format!("doubt {i}")))).collect();
    sightings.push((OWN, post("1", 0, "truth")));
    sightings.push((PAGE, post("1", 0, "lie")));
    let (_, text, _, doubts) = shown(&sightings);
    assert_eq!((text.as_str(), doubts.len()), ("truth", 53));
    assert!(doubts[52].starts_with("it was seen in more ways than are held against each other"), "{doubts:?}");
    assert_eq!((doubts[0].as_str(), doubts[50].as_str()), ("doubt 0", "more is doubtful about it than is named here"));
    assert!(is_about_words(&doubts), "{doubts:?}");
}

#[test]
fn a_text_that_may_be_cut_is_repaired_by_a_whole_one() {
    let open = Post { text_state: TextState::Unknown, ..post("1", 0, "It begins here and…") };
    let whole = post("1", 0, "It begins here and goes on to its end");
    for sightings in [[(FILE, open.clone()), (FILE, whole.clone())], [(FILE, whole.clone()), (FILE, open.clone())]] {
        let (_, text, _, doubts) = shown(&sightings);
        assert_eq!((text.as_str(), doubts.len()), (whole.text.as_str(), 0), "{doubts:?}");
    }
    // Without an ellipsis, nobody knows that it goes on.
    let shorter = Post { text_state: TextState::Unknown, ..post("1", 0, "It begins here and") };
    let (.., doubts) = shown(&[(FILE, shorter), (FILE, whole)]);
    assert!(is_about_words(&doubts), "{doubts:?}");
}
