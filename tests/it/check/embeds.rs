//! Embeds, addresses and profiles in drafts: what platforms hand out is no fault, and what leads elsewhere is one.

use crate::program::Desk;

const VOTE: &str = "We lost the vote 7-6. We will be back in September, and we will bring the whole town with us.";

fn archive() -> Desk {
    let desk = Desk::with("");
    let posts: Vec<String> = [
        ("ada_moss", "Ada Moss", "2021-08-12T20:00:00Z", VOTE, "https://x.com/ada_moss/status/1425909954769846295"),
        (
            "ada_moss",
            "Ada Moss",
            "2021-07-26T18:03:11Z",
            "We will not leave the old harbour. The council has lied to us for ten years! 🚢",
            "https://x.com/ada_moss/status/1419719963177910273",
        ),
        (
            "rosa_k",
            "Rosa King 🌊",
            "2021-08-06T07:30:00Z",
            "They said “the harbour is safe” and then they sold it. Read the minutes: https://example.org/minutes/2021?id=7 #SaveTheQuay",
            "https://x.com/rosa_k/status/1423546883896246285",
        ),
        (
            "lucie_b@mastodon.example",
            "Lucie Béranger",
            "2021-08-05T12:00:00Z",
            "Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !",
            "https://mastodon.example/@lucie_b/106600000000000012",
        ),
        (
            "faywu.bsky.social",
            "Fay Wu",
            "2021-08-08T08:00:00Z",
            "A thread on the harbour sale. The council valued the land at 2.4 million pounds.",
            "https://bsky.app/profile/faywu.bsky.social/post/3k1",
        ),
        (
            "ada.moss",
            "Ada Moss",
            "2021-08-12T20:00:00Z",
            "The sea is high and the quay is wet today.",
            "https://www.instagram.com/p/CRz-x_A1b2D/",
        ),
        // Of this one the archive knows no address.
        ("kit_d", "Kit Dock", "2021-08-10T05:00:00Z", "The harbour master resigned this morning and nobody told the crews.", ""),
    ]
    .iter()
    .map(|(handle, name, at, text, url)| {
        let mut row = serde_json::json!({"t": text, "h": handle, "n": name, "d": at});
        if !url.is_empty() {
            row["u"] = (*url).into();
        }
        row.to_string()
    })
    .collect();
    let path = desk.file("posts.jsonl", posts.join("\n").as_bytes());
    desk.run(&["import", path.to_str().unwrap(), "--map", "text=t,handle=h,author=n,date=d,url=u"]).ok();
    desk
}

/// Checks drafts of a kind, each beside the findings that it must have.
#[track_caller]
fn check(desk: &Desk, name: &str, drafts: &[(&str, &str)]) {
    super::found(desk, name, &[("VOTE", VOTE)], drafts);
}

#[test]
fn a_link_to_a_post_that_is_not_held_is_wrong_if_the_words_have_an_address_of_their_own() {
    let desk = archive();
    check(
        &desk,
        "draft.html",
        &[
            (
                "<p>Ada Moss <a href='https://x.com/ada_moss/status/1419720000000000999'>wrote</a>: “VOTE”</p>",
                "verbatim, wrong link",
            ),
            (
                "<blockquote class='twitter-tweet'><p>VOTE</p>&mdash; Ada Moss (@ada_moss) \
                 <a href='https://twitter.com/ada_moss/status/1419720000000000999?ref_src=twsrc%5Etfw'>August 12, 2021</a></blockquote>",
                "verbatim, wrong link",
            ),
            ("<p>“<a href='https://x.com/i/web/status/1419720000000000999'>VOTE</a>”</p>", "verbatim, wrong link"),
            // The same post under other addresses.
            (
                "<p>Ada Moss <a href='https://twitter.com/ada_moss/status/1425909954769846295?s=20&t=x'>wrote</a>: “VOTE”</p>",
                "verbatim",
            ),
            (
                "<p>Ada Moss <a href='https://mobile.twitter.com/i/status/1425909954769846295'>wrote</a>: “VOTE”</p>",
                "verbatim",
            ),
            (
                "<p>Lucie Béranger <a href='https://mastodon.example/users/lucie_b/statuses/106600000000000012'>wrote</a>: \
                 “Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !”</p>",
                "verbatim",
            ),
            (
                "<p>Lucie Béranger <a href='https://other.example/@lucie_b@mastodon.example/1077'>wrote</a>: \
                 “Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !”</p>",
                "verbatim",
            ),
            (
                "<p>Lucie Béranger <a href='https://mastodon.example/@lucie_b/106600000000009999'>wrote</a>: \
                 “Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !”</p>",
                "verbatim, wrong link",
            ),
            // An address that the archive does not know may be that of the post.
            (
                "<p>Kit Dock <a href='https://x.com/kit_d/status/1424958686622646294'>wrote</a>: \
                 “The harbour master resigned this morning and nobody told the crews.”</p>",
                "verbatim",
            ),
            // What is said elsewhere may be said here, too.
            ("<p>Ada Moss <a href='https://bsky.app/profile/ada.example/post/3k9'>wrote</a>: “VOTE”</p>", "verbatim"),
        ],
    );
    let name = "draft.md";
    check(
        &desk,
        name,
        &[
            ("> VOTE\n>\n> <https://x.com/ada_moss/status/1419720000000000999>", "verbatim, wrong link"),
            ("> VOTE\n> https://x.com/ada_moss/status/1425909954769846295", "verbatim"),
            ("> VOTE\n\n[Source](https://x.com/ada_moss/status/1419720000000000999)", "verbatim, wrong link"),
            ("> VOTE\n\nhttps://x.com/ada_moss/status/1419720000000000999", "verbatim, wrong link"),
            ("> VOTE\n\nhttps://x.com/ada_moss/status/1425909954769846295", "verbatim"),
            (
                "> VOTE\n>\n> — Ada Moss (@ada_moss)\n\nhttps://x.com/ada_moss/status/1419720000000000999",
                "verbatim, wrong link",
            ),
        ],
    );
}

/// What Instagram hands out.
const INSTAGRAM: &str = "<blockquote class='instagram-media' data-instgrm-permalink='https://www.instagram.com/p/CRz-x_A1b2C/?utm_source=ig_embed' \
                         data-instgrm-version='14'><div><a href='https://www.instagram.com/p/CRz-x_A1b2C/?utm_source=ig_embed'><div>View this post on Instagram</div></a>\
                         <p><a href='https://www.instagram.com/p/CRz-x_A1b2C/?utm_source=ig_embed'>A post shared by Ada Moss (@ada)</a></p></div></blockquote>";

#[test]
fn an_embed_without_words_must_be_of_a_post_that_is_held() {
    let desk = archive();
    const GONE: &str = "1419720000000000999";
    const HELD: &str = "1425909954769846295";
    let pages = [
        "<p>x</p><figure class='wp-block-embed is-provider-twitter'><div class='wp-block-embed__wrapper'>\nhttps://x.com/ada_moss/status/ID\n</div></figure>",
        "<p>Prose.</p><p>https://x.com/ada_moss/status/ID</p><p>Prose.</p>",
        "<p><a href='https://x.com/ada_moss/status/ID'>https://x.com/ada_moss/status/ID</a></p>",
        "<iframe src='https://platform.twitter.com/embed/Tweet.html?id=ID'></iframe>",
        "<blockquote class='twitter-tweet'><a href='https://twitter.com/ada_moss/status/ID'></a></blockquote>",
        "<amp-twitter width='375' height='472' layout='responsive' data-tweetid='ID'></amp-twitter>",
        "<p>Prose <amp-twitter data-tweetid='ID'></amp-twitter> and prose.</p>",
    ];
    for page in pages {
        check(
            &desk,
            "draft.html",
            &[(&page.replace("ID", GONE), "not in the archive"), (&page.replace("ID", HELD), "")],
        );
    }
    check(
        &desk,
        "draft.html",
        &[
            (
                "<iframe src='https://mastodon.example/@lucie_b/106600000000009999/embed' class='mastodon-embed'></iframe>",
                "not in the archive",
            ),
            (
                "<iframe src='https://mastodon.example/@lucie_b/106600000000000012/embed' class='mastodon-embed'></iframe>",
                "",
            ),
            (
                "<blockquote class='mastodon-embed' data-embed-url='https://mastodon.example/@lucie_b/106600000000000012/embed'> \
                 <a href='https://mastodon.example/@lucie_b/106600000000000012'> <div>Post by @lucie_b@mastodon.example</div> <div>View on Mastodon</div> </a></blockquote>",
                "",
            ),
            (
                "<blockquote class='mastodon-embed' data-embed-url='https://mastodon.example/@lucie_b/106600000000009999/embed'> \
                 <a href='https://mastodon.example/@lucie_b/106600000000009999'> <div>Post by @lucie_b@mastodon.example</div> <div>View on Mastodon</div> </a></blockquote>",
                "not in the archive",
            ),
            (
                "<iframe src='https://www.youtube.com/embed/abcdefghijk'></iframe><iframe src='https://maps.example/?q=quay'></iframe>",
                "",
            ),
            ("<p>https://www.youtube.com/watch?v=abcdefghijk</p><p>https://news.example/2021/1</p>", ""),
            ("<iframe hidden src='https://platform.twitter.com/embed/Tweet.html?id=1419720000000000999'></iframe>", ""),
            // What an embed says in the place of the words is the platform's.
            (INSTAGRAM, "not in the archive"),
            (&INSTAGRAM.replace("CRz-x_A1b2C", "CRz-x_A1b2D"), ""),
            (
                "<p>x</p><script async src='https://telegram.org/js/telegram-widget.js?22' data-telegram-post='quay/123'></script>",
                "not in the archive",
            ),
            (
                "<iframe src='https://embed.bsky.app/embed/did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3krvabcdefg2b?id=1'></iframe>",
                "not in the archive",
            ),
            (
                "<figure><oembed url='https://x.com/ada_moss/status/1419720000000000999'></oembed></figure>",
                "not in the archive",
            ),
            // Sources, and what is only mentioned, are shown to nobody.
            ("<ul><li>https://x.com/ada_moss/status/1419720000000000999</li></ul>", ""),
            ("<p>See https://x.com/ada_moss/status/1419720000000000999 for more.</p>", ""),
            // An element with words of its own is read for these.
            ("<div data-tweetid='1419720000000000999'><p>Nothing of note was said here.</p></div>", ""),
        ],
    );
    check(
        &desk,
        "draft.md",
        &[
            (
                "People were angry.\n\nhttps://x.com/ada_moss/status/1419720000000000999\n\nThe mayor did not answer.",
                "not in the archive",
            ),
            (
                "People were angry.\n\nhttps://x.com/ada_moss/status/1425909954769846295\n\nThe mayor did not answer.",
                "",
            ),
            ("Ada Moss (@ada_moss) wrote:\n\nhttps://x.com/ada_moss/status/1419720000000000999", "not in the archive"),
            ("Said.[^1]\n\n[^1]: https://x.com/ada_moss/status/1419720000000000999\n", ""),
            (
                "- https://x.com/ada_moss/status/1419720000000000999\n- https://x.com/ada_moss/status/1419720000000000998",
                "",
            ),
        ],
    );
    check(
        &desk,
        "draft.txt",
        &[
            (
                "People were angry.\n\nhttps://x.com/ada_moss/status/1419720000000000999\n\nThe mayor did not answer.",
                "not in the archive",
            ),
            ("People were angry:\nhttps://x.com/ada_moss/status/1419720000000000999", ""),
            (
                "The harbour master resigned this morning and nobody told the crews. — Kit Dock (@kit_d)\n\nhttps://x.com/kit_d/status/1424958686622646294",
                "verbatim",
            ),
            (
                "The harbour master resigned this morning and nobody told the crews. — Kit Dock (@kit_d)\n\nhttps://x.com/ada_moss/status/1419720000000000999",
                "verbatim | not in the archive",
            ),
        ],
    );
}

#[test]
fn what_platforms_hand_out_is_verbatim() {
    let desk = archive();
    check(
        &desk,
        "draft.html",
        &[
            (
                "<blockquote class='twitter-tweet'><p lang='en' dir='ltr'>They said “the harbour is safe” and then they sold it. Read the minutes: \
                 <a href='https://t.co/Qwe'>https://t.co/Qwe</a> <a href='https://twitter.com/hashtag/SaveTheQuay?src=hash'>#SaveTheQuay</a></p>\
                 &mdash; Rosa King 🌊 (@rosa_k) <a href='https://x.com/rosa_k/status/1423546883896246285?ref_src=twsrc%5Etfw'>August 6, 2021</a></blockquote>",
                "verbatim",
            ),
            (
                "<blockquote class='twitter-tweet'><p lang='en' dir='ltr'>We will not leave the old harbour. The council has lied to us for ten years! 🚢 \
                 <a href='https://t.co/Xyz'>pic.twitter.com/Xyz</a></p>&mdash; Ada Moss (@ada_moss) \
                 <a href='https://x.com/ada_moss/status/1419719963177910273?ref_src=twsrc%5Etfw'>July 26, 2021</a></blockquote>",
                "verbatim",
            ),
            (
                "<blockquote class='bluesky-embed' data-bluesky-uri='at://did:plc:abc/app.bsky.feed.post/3k1'><p lang='en'>A thread on the harbour sale. \
                 The council valued the land at 2.4 million pounds.<br><br><a href='https://bsky.app/profile/did:plc:abc/post/3k1?ref_src=embed'>[image or embed]</a></p>\
                 &mdash; Fay Wu (<a href='https://bsky.app/profile/did:plc:abc?ref_src=embed'>@faywu.bsky.social</a>) \
                 <a href='https://bsky.app/profile/did:plc:abc/post/3k1?ref_src=embed'>August 8, 2021 at 9:00 AM</a></blockquote>",
                "verbatim",
            ),
            (
                "<p>Rosa King (@rosa_k) wrote: “They said “the harbour is safe” and then they sold it. Read the minutes: \
                 https://example.org/minutes/2021?id=7&amp;utm_source=x #SaveTheQuay”</p>",
                "verbatim",
            ),
            (
                "<p>Rosa King (@rosa_k) wrote: “They said “the harbour is safe” and then they sold it. Read the minutes: \
                 https://example.org/minutes/2021?id=8&amp;utm_source=x #SaveTheQuay”</p>",
                "altered",
            ),
        ],
    );
    let desk = Desk::with("");
    let answer = serde_json::json!({
        "data": [{
            "id": "1419719963177910273", "author_id": "5", "created_at": "2021-07-26T18:03:11.000Z", "lang": "en",
            "text": "We are still here, and the council has lied again. https://t.co/abc https://t.co/Xyz",
            "entities": {"urls": [
                {"start": 51, "end": 67, "url": "https://t.co/abc", "expanded_url": "https://example.org/minutes/2021", "display_url": "example.org/minutes/2021"},
                {"start": 68, "end": 84, "url": "https://t.co/Xyz", "expanded_url": "https://twitter.com/ada_x/status/1419719963177910273/photo/1",
                 "display_url": "pic.twitter.com/Xyz", "media_key": "3_1"}
            ]}
        }],
        "includes": {"users": [{"id": "5", "name": "Ada X", "username": "ada_x"}]},
        "meta": {"result_count": 1}
    });
    let path = desk.file("x.json", answer.to_string().as_bytes());
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let embed = "<blockquote class='twitter-tweet'><p lang='en' dir='ltr'>We are still here, and the council has lied again. \
                 <a href='https://t.co/abc'>https://t.co/abc</a> <a href='https://t.co/Xyz'>pic.twitter.com/Xyz</a></p>\
                 &mdash; Ada X (@ada_x) <a href='https://twitter.com/ada_x/status/1419719963177910273?ref_src=twsrc%5Etfw'>July 26, 2021</a></blockquote>";
    check(
        &desk,
        "draft.html",
        &[
            (embed, "verbatim"),
            (&embed.replace(">https://t.co/abc<", ">example.org/minutes/2021<"), "verbatim"),
            (&embed.replace(">https://t.co/abc<", ">https://t.co/abd<"), "altered"),
            (&embed.replace(">https://t.co/abc<", ">example.org/minutes/2022<"), "altered"),
        ],
    );
}

#[test]
fn a_link_to_a_profile_is_a_handle() {
    let desk = archive();
    let altered = VOTE.replace("lost", "won");
    let drafts = [
        (
            "<p>The council voted. <a href='https://twitter.com/ada_moss'>Ada Moss</a> has thoughts:</p><blockquote><p>VOTE</p></blockquote>",
            "verbatim",
        ),
        (
            "<p>The council voted. <a href='https://twitter.com/ada_moss'>Ada Moss</a> has thoughts:</p><blockquote><p>WON</p></blockquote>",
            "altered",
        ),
        ("<blockquote><p>WON</p></blockquote><p>— <a href='https://twitter.com/ada_moss'>Ada Moss</a></p>", "altered"),
        ("<p><a href='https://twitter.com/adamoss'>Ada Moss</a> wrote: “VOTE”</p>", "verbatim, wrong handle"),
        ("<p><a href='https://x.com/ada_moss'>Ada Moss</a> wrote: “VOTE”</p>", "verbatim"),
        ("<p><a href='https://x.com/ada_moss'>Eda Moss</a> wrote: “VOTE”</p>", "verbatim, wrong name"),
        ("<p>On <a href='https://x.com/ada_moss'>Twitter</a>, Ada Moss wrote: “VOTE”</p>", "verbatim"),
        ("<p><a href='https://x.com/ada_moss'>@ada_moss</a> wrote: “VOTE”</p>", "verbatim"),
        ("<p><a href='https://x.com/ada_moss'>Ada Moss</a> (@ada_moss) wrote: “VOTE”</p>", "verbatim"),
        // On another platform she may go by another handle.
        ("<p><a href='https://bsky.app/profile/moss.example'>Ada Moss</a> wrote: “VOTE”</p>", "verbatim"),
        (
            "<p><a href='https://mastodon.example/@lucie_b'>Lucie Béranger</a> wrote: “Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !”</p>",
            "verbatim",
        ),
        ("<p>The prize went to the best baker in town — <a href='https://x.com/ada_moss'>Ada Moss</a>.</p>", ""),
        ("<p>“VOTE” — <a href='https://x.com/adamoss'>Ada Moss</a></p>", "verbatim, wrong handle"),
        ("<blockquote>WON — <a href='https://x.com/ada_moss'>Ada Moss</a></blockquote>", "altered"),
        (
            "<p>We met <a href='https://x.com/ada_moss'>Ada Moss</a>, a baker.</p><blockquote>The report says nothing of the kind.</blockquote>",
            "",
        ),
        (
            "<p>The <a href='https://x.com/hashtag/harbour'>Old Harbour</a> said: “Nothing at all is planned here.”</p>",
            "",
        ),
    ];
    let drafts: Vec<(String, &str)> = drafts.map(|(draft, kinds)| (draft.replace("WON", &altered), kinds)).into();
    check(&desk, "draft.html", &drafts.iter().map(|(draft, kinds)| (draft.as_str(), *kinds)).collect::<Vec<_>>());
    check(
        &desk,
        "draft.md",
        &[
            ("[Ada Moss](https://twitter.com/ada_moss) has thoughts:\n\n> VOTE and more", "altered"),
            ("> VOTE\n\n— [Ada Moss](https://twitter.com/ada_moss)", "verbatim"),
            ("[Ada Moss](https://twitter.com/adamoss) wrote: “VOTE”", "verbatim, wrong handle"),
        ],
    );
}
