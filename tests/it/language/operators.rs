//! What each operator of each platform means here, or why it means nothing.
//!
//! The lists are those of the platforms' own documents: X's web search
//! (<https://github.com/igorbrigadir/twitter-advanced-search>), X's API v2
//! (<https://docs.x.com/x-api/posts/search/integrate/operators>), Mastodon (<https://docs.joinmastodon.org/user/network/#search>), Bluesky
//! (<https://docs.bsky.app/docs/api/app-bsky-feed-search-posts>).

use std::collections::BTreeMap;

use pullquote::model::Handle;
use pullquote::platform;
use pullquote::query::{OPERATORS, Reading};

/// What is typed, and what it is understood as; after `!`, a part of the reason why it is refused.
const TABLE: &[(&str, &str)] = &[
    // X on the web, and most of Bluesky.
    ("nasa esa", "nasa esa"),
    ("nasa OR esa", "nasa OR esa"),
    ("\"state of the art\"", "\"state of the art\""),
    ("\"this is the * time this week\"", "\"this is the * time this week\""),
    ("+radiooooo", "radiooooo"),
    ("-love -\"live laugh love\"", "-love -\"live laugh love\""),
    ("#tgif", "#tgif"),
    ("$TWTR", "$twtr"),
    ("$BRK.A", "$brk.a"),
    ("$100", "$100"),
    ("What ?", "What ?"),
    (":) OR :(", "!bracket"),
    ("👀", "👀"),
    ("@NASA", "mentions:NASA"),
    ("(puppy OR kitten) cute", "(puppy OR kitten) cute"),
    ("https://example.org/a", "url:https://example.org/a"),
    ("from:user", "from:user"),
    ("from:a,b", "from:a OR from:b"),
    ("to:user", "to:user"),
    ("list:critics", "from:ann OR from:ben@b.example"),
    ("list:715919216927322112", "!no list"),
    ("filter:verified", "is:verified"),
    ("filter:blue_verified", "is:verified"),
    ("filter:follows", "!whom you follow"),
    ("filter:social", "!whom you follow"),
    ("filter:trusted", "!whom you follow"),
    ("near:city", "!without the place"),
    ("near:me", "!without the place"),
    ("within:10km", "!without the place"),
    ("geocode:37.7764685,-122.4172004,10km", "!without the place"),
    ("place:96683cc9126741d1", "!without the place"),
    ("since:2021-12-31", "since:2021-12-31T00:00:00+01:00"),
    ("until:2021-12-31", "until:2021-12-31T00:00:00+01:00"),
    ("since:2021-12-31_23:59:59_UTC", "since:2021-12-31T23:59:59Z"),
    ("until:2021-12-31_23:59:59_UTC", "until:2021-12-31T23:59:59Z"),
    ("since_time:1142974200", "since:2006-03-21T21:50:00+01:00"),
    ("until_time:1142974215", "until:2006-03-21T21:50:15+01:00"),
    ("since_id:1042526170466201600", "platform:x since:2018-09-17T21:29:42.895Z since_id:1042526170466201600"),
    ("max_id:1042526170466201600", "platform:x until:2018-09-21T21:29:42.895Z max_id:1042526170466201600"),
    ("max_id:20", "platform:x max_id:20"),
    ("within_time:2d", "since:2021-07-24T14:00:00+02:00"),
    ("within_time:3h", "since:2021-07-26T11:00:00+02:00"),
    ("within_time:5m", "since:2021-07-26T13:55:00+02:00"),
    ("within_time:30s", "since:2021-07-26T13:59:30+02:00"),
    ("within_time:soon", "!takes a length of time"),
    ("filter:nativeretweets", "is:repost"),
    ("include:nativeretweets", "in:all"),
    ("filter:retweets", "is:repost"),
    ("-filter:retweets", "-is:repost"),
    ("exclude:retweets", "-is:repost"),
    ("filter:replies", "is:reply"),
    ("filter:self_threads", "!not whose"),
    ("conversation_id:1140437409710116865", "conversation:1140437409710116865"),
    ("filter:quote", "is:quote"),
    ("quoted_tweet_id:1138631847783608321", "quoted:1138631847783608321"),
    ("quoted_user_id:41711414", "!not whose"),
    ("card_name:poll2choice_text_only", "!cards are not kept"),
    ("card_domain:example.com", "domain:example.com"),
    ("card_url:card://1", "!cards are not kept"),
    ("filter:has_engagement", "has:engagement"),
    ("min_retweets:5", "min_reposts:5"),
    ("min_faves:10", "min_likes:10"),
    ("min_replies:100", "min_replies:100"),
    ("-min_retweets:500", "-min_reposts:500"),
    ("-min_faves:500", "-min_likes:500"),
    ("-min_replies:100", "-min_replies:100"),
    ("filter:media", "has:media"),
    ("filter:images", "has:image"),
    ("filter:twimg", "has:image"),
    ("filter:videos", "has:video"),
    ("filter:periscope", "!domain: finds them"),
    ("filter:native_video", "has:video"),
    ("filter:vine", "!domain: finds them"),
    ("filter:consumer_video", "has:video"),
    ("filter:pro_video", "has:video"),
    ("filter:spaces", "!domain: finds them"),
    ("filter:links", "has:link"),
    ("filter:mentions", "has:mention"),
    ("filter:news", "!list of news sites"),
    ("filter:safe", "-is:sensitive"),
    ("filter:hashtags", "has:hashtag"),
    ("filter:cashtags", "has:cashtag"),
    ("url:google.com", "url:google.com"),
    ("lang:en", "lang:en"),
    ("source:twitter_web_client", "!the app"),
    // X's API v2.
    ("from:2244994945", "from:2244994945"),
    ("retweets_of:twitterdev", "!not whose"),
    ("retweets_of_user_id:1", "!not whose"),
    ("in_reply_to_user_id:1", "!not whose"),
    ("in_reply_to_tweet_id:1539382664746020864", "in_reply_to_tweet_id:1539382664746020864"),
    ("in_reply_to_status_id:1539382664746020864", "in_reply_to_tweet_id:1539382664746020864"),
    ("retweets_of_tweet_id:1539382664746020864", "retweets_of_tweet_id:1539382664746020864"),
    ("quotes_of_tweet_id:1539382664746020864", "quoted:1539382664746020864"),
    ("url_title:phone", "!profiles are not kept"),
    ("url_description:better", "!profiles are not kept"),
    ("url_contains:photos", "url:photos"),
    ("context:10.799022225751871488", "!topics are not kept"),
    ("entity:\"Michael Jordan\"", "!topics are not kept"),
    ("bio:developer", "!profiles are not kept"),
    ("bio_name:phd", "!profiles are not kept"),
    ("bio_location:nyc", "!profiles are not kept"),
    ("profile_country:US", "!profiles are not kept"),
    ("profile_region:Texas", "!profiles are not kept"),
    ("profile_locality:Boulder", "!profiles are not kept"),
    ("profile_point_radius:[2.355 48.856 16km]", "!profiles are not kept"),
    ("profile_bounding_box:[-105 40 -104 41]", "!profiles are not kept"),
    ("followers_count:500", "!profiles are not kept"),
    ("tweets_count:1000", "!profiles are not kept"),
    ("following_count:500", "!profiles are not kept"),
    ("listed_count:10", "!profiles are not kept"),
    ("place_country:US", "!without the place"),
    ("point_radius:[2.355 48.856 16km]", "!without the place"),
    ("bounding_box:[-105 40 -104 41]", "!without the place"),
    ("is:retweet", "is:repost"),
    ("is:reply", "is:reply"),
    ("is:quote", "is:quote"),
    ("is:verified", "is:verified"),
    ("-is:nullcast", "!takes one of"),
    ("has:hashtags", "has:hashtag"),
    ("has:cashtags", "has:cashtag"),
    ("has:links", "has:link"),
    ("has:mentions", "has:mention"),
    ("has:media", "has:media"),
    ("has:images", "has:image"),
    ("has:video_link", "has:video"),
    ("has:geo", "!takes one of"),
    ("sample:10", "!no operator"),
    // Mastodon.
    ("has:poll", "has:poll"),
    ("has:embed", "has:link"),
    ("is:sensitive", "is:sensitive"),
    ("language:de", "lang:de"),
    ("from:@user@domain.example", "from:user@domain.example"),
    ("from:me", "from:reporter"),
    ("before:2021-07-26", "until:2021-07-26T00:00:00+02:00"),
    ("after:2021-07-26", "since:2021-07-27T00:00:00+02:00"),
    ("during:2021-07-26", "since:2021-07-26T00:00:00+02:00 until:2021-07-27T00:00:00+02:00"),
    ("during:2021-07", "since:2021-07-01T00:00:00+02:00 until:2021-08-01T00:00:00+02:00"),
    ("during:2021", "since:2021-01-01T00:00:00+01:00 until:2022-01-01T00:00:00+01:00"),
    ("in:library", "!your server"),
    ("in:public", "!your server"),
    ("in:all", "in:all"),
    // Bluesky.
    ("mentions:alice.bsky.social", "mentions:alice.bsky.social"),
    ("mentions:me", "mentions:reporter"),
    ("@alice.bsky.social", "mentions:alice.bsky.social"),
    ("domain:www.Example.org", "domain:example.org"),
    ("since:2021-07-26T10:00:00Z", "since:2021-07-26T10:00:00Z"),
    ("until:2021-07-26T10:00:00Z", "until:2021-07-26T10:00:00Z"),
    // pullquote's own.
    ("min_likes:5", "min_likes:5"),
    ("min_reposts:5", "min_reposts:5"),
    ("min_quotes:5", "min_quotes:5"),
    ("min_views:5", "min_views:5"),
    ("conversation:0123456789abc", "conversation:0123456789abc"),
    ("quoted:https://twitter.com/a/status/20?s=20", "quoted:https://x.com/i/status/20"),
    ("platform:X,bluesky", "platform:x OR platform:bluesky"),
    ("job:\"Ken Loach\"", "job:\"Ken Loach\""),
    ("captured:2021-07-27", "captured:2021-07-27T00:00:00+02:00..2021-07-28T00:00:00+02:00"),
    ("captured:2021-07-27..2021-07-29", "captured:2021-07-27T00:00:00+02:00..2021-07-29T00:00:00+02:00"),
    ("state:deleted,edited", "state:deleted OR state:edited"),
    ("text_state:truncated", "text_state:truncated"),
    ("label:NSFW", "label:nsfw"),
    ("quoted_in:https://news.example/a", "quoted_in:https://news.example/a"),
    ("quoted_in:*", "quoted_in:*"),
    ("has:alt has:warning has:gif has:audio", "has:alt has:warning has:gif has:audio"),
];

/// A reporter in Berlin, on the afternoon of 26 July 2021.
fn reading() -> Reading {
    let handles = |names: &[&str]| names.iter().filter_map(|name| Handle::new(name)).collect();
    Reading {
        zone: "Europe/Berlin".parse().unwrap(),
        now: "2021-07-26T12:00:00Z".parse().ok(),
        lists: BTreeMap::from([("critics".to_owned(), handles(&["ann", "ben@b.example"]))]),
        me: Handle::new("reporter"),
        numbered: Some(platform::NUMBERED),
        uri_at: platform::uri_at,
    }
}

#[test]
fn every_operator_of_the_platforms_is_understood_or_refused_with_a_reason() {
    for (typed, expected) in TABLE {
        match (reading().read(typed), expected.strip_prefix('!')) {
            (Ok(read), None) => {
                assert_eq!(read.expr.to_string(), *expected, "{typed}");
                // Printed and read by somebody in another zone, it is the same.
                let again = pullquote::query::parse(&read.expr.to_string());
                assert_eq!(again.as_ref(), Ok(&read.expr), "{typed}");
            }
            (Err(error), Some(reason)) => assert!(error.to_string().contains(reason), "{typed}: {error}"),
            (read, _) => panic!("{typed}: {read:?}"),
        }
    }
}

#[test]
fn no_operator_is_missing_from_the_table() {
    for name in OPERATORS.iter().flat_map(|operator| operator.names) {
        let typed = format!("{name}:");
        assert!(TABLE.iter().any(|(query, _)| query.trim_start_matches('-').starts_with(&typed)), "{name}");
    }
}

#[test]
fn what_differs_from_the_platform_is_said() {
    let notes = |typed: &str| reading().read(typed).unwrap().notes;
    assert!(notes("to:ann")[0].1.contains("not whose"), "{:?}", notes("to:ann"));
    assert_eq!(notes("to:ann to:ben").len(), 1);
    assert!(notes("ann since:2021-07-26").is_empty());
}
