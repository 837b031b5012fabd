//! What dumps of tools must keep true: one post is one, from whichever tool, and a time that a file states is not lost.

use pullquote::dump;
use pullquote::exchange::Origin;
use pullquote::http::recorded;
use pullquote::ingest;
use pullquote::model::Post;

use crate::support::root;

/// The posts of a fixture, read as a file.
fn posts(reader: &str, case: &str) -> Vec<Post> {
    let mut exchange = recorded::load(&root().join("fixtures").join(reader).join(case)).unwrap();
    exchange.origin = Origin::File;
    let page = ingest::parse(dump::by_name(reader).unwrap(), &exchange).unwrap();
    page.posts.into_iter().map(|found| found.post).collect()
}

#[test]
fn one_post_is_one_from_whichever_tool() {
    let of_x = &posts("x", "graphql-single")[0];
    for (reader, case) in
        [("snscrape", "page"), ("snscrape", "twscrape"), ("zeeschuimer", "page"), ("zeeschuimer", "4cat")]
    {
        let post = &posts(reader, case)[0];
        assert_eq!(post.key(), of_x.key(), "{reader}/{case}");
        assert_eq!(post.text, of_x.text, "{reader}/{case}");
        assert_eq!(post.created, of_x.created, "{reader}/{case}");
        assert_eq!(post.author.handle, of_x.author.handle, "{reader}/{case}");
    }
}

#[test]
fn words_that_a_tool_changed_never_stand_above_those_of_the_platform() {
    use pullquote::model::TextState;
    let of_x = &posts("x", "graphql-single")[0];
    for (reader, case) in [("gallery-dl", "page"), ("gallery-dl", "messages"), ("yt-dlp", "sites")] {
        let post = &posts(reader, case)[0];
        assert_eq!((post.key(), &post.author.handle), (of_x.key(), &of_x.author.handle), "{reader}/{case}");
        assert!(!matches!(post.text_state, TextState::Complete | TextState::Repaired), "{reader}/{case}");
    }
}

#[test]
fn a_time_that_a_file_states_of_its_counts_stays() {
    let seen_at = |reader, case| posts(reader, case)[0].metrics.seen_at.map(|at| at.to_rfc3339());
    assert_eq!(seen_at("zeeschuimer", "page").as_deref(), Some("2021-07-27T11:23:20+00:00"));
    // Nobody knows when the day of the import would be a lie.
    assert_eq!(seen_at("snscrape", "page"), None);
    assert_eq!(seen_at("x", "graphql-single"), None);
}
