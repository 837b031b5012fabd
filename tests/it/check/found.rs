//! Which words of a draft are looked at at all: quotations by their marks, by their place and by their name, among many
//! posts that are alike.

use serde_json::json;

use super::kinds;
use crate::program::Desk;

const LOST: &str = "We lost the vote 7-6. We will be back in September, and we will bring the whole town with us.";
const SHAME: &str = "Shame on everybody who voted for it.";

fn desk(posts: &[(&str, &str, &str, &str)]) -> Desk {
    let desk = Desk::with("");
    let lines: Vec<String> = posts
        .iter()
        .map(|(handle, name, date, text)| json!({"h": handle, "n": name, "d": date, "t": text}).to_string())
        .collect();
    let path = desk.file("posts.jsonl", lines.join("\n").as_bytes());
    desk.run(&["import", path.to_str().unwrap(), "--map", "text=t,handle=h,author=n,date=d"]).ok();
    desk
}

fn few() -> Desk {
    desk(&[
        ("ada_moss", "Ada Moss", "2021-08-12T20:00:00Z", LOST),
        ("dora_f", "Dora Finch", "2021-07-27T06:00:00Z", SHAME),
        (
            "benlark",
            "Ben Lark 💙",
            "2021-07-26T20:15:00Z",
            "I have mended nets here for 41 years.\n\nNobody asked me. Not once.",
        ),
        (
            "hal_b",
            "Hal Brook",
            "2021-08-09T13:45:00Z",
            "I’ll vote against it. Don’t let them tell you it’s done. The harbour isn’t theirs to sell.",
        ),
        (
            "tom_h",
            "Tom Hayes",
            "2021-07-26T19:00:00Z",
            "@ada_moss You are wrong about the budget, Ada. The numbers were published in March.",
        ),
        (
            "greta_m",
            "Greta Müller",
            "2021-08-05T11:00:00Z",
            "Wir werden den alten Hafen nicht verlassen. Der Stadtrat hat uns zehn Jahre lang belogen!",
        ),
        ("ivan_p", "Иван Петров", "2021-08-05T10:00:00Z", "Мы не покинем старую гавань. Совет лгал нам десять лет!"),
        ("layla_h", "ليلى حداد", "2021-08-04T08:00:00Z", "لن نغادر الميناء القديم مهما حدث"),
        ("cy_wren", "Cy Wren", "2021-08-06T12:00:00Z", "It was late. On 3 May 2019, we left the town"),
        (
            "lucie_b",
            "Lucie Béranger",
            "2021-08-05T12:00:00Z",
            "Nous ne quitterons pas le vieux port. Le conseil nous ment depuis dix ans !",
        ),
    ])
}

/// Checks drafts of a kind, each beside the findings that it must have.
#[track_caller]
fn check(desk: &Desk, name: &str, drafts: &[(&str, &str)]) {
    super::found(desk, name, &[("LOST", LOST), ("WON", &LOST.replace("lost", "won")), ("SHAME", SHAME)], drafts);
}

#[test]
fn the_right_one_of_thousands_that_share_its_words_is_found() {
    const OTHERS: usize = 600;
    let said = "I have just signed the petition to save the old harbour";
    let asks = "Please sign and share it with everybody you know! #SaveTheQuay";
    let reasons = ["boats", "salt", "my school", "the ferry", "winter", "the fish market", "old stones"];
    let of = |n: usize| format!("{} and {} and number {n}", reasons[n % 7], reasons[n / 7 % 7]);
    let mut posts: Vec<(String, String, String, String)> = (0..OTHERS)
        .map(|n| {
            let text = format!("{said} because of {}. {asks}", of(n));
            (format!("user{n}"), format!("User Number{n}"), format!("2021-08-{:02}T10:00:00Z", n % 28 + 1), text)
        })
        .collect();
    let text = format!("{said} and I will chain myself to the gate. {asks}");
    posts.push(("zed".into(), "Zed Ames".into(), "2021-07-01T10:00:00Z".into(), text));
    let posts: Vec<(&str, &str, &str, &str)> =
        posts.iter().map(|(handle, name, date, text)| (&**handle, &**name, &**date, &**text)).collect();
    let desk = desk(&posts);
    let middle = format!("“{said} because of {}. {asks}” User Number300 wrote.", of(300));
    let nail = format!("Zed Ames wrote: “{said} and I will nail myself to the gate. {asks}”");
    let handle = format!("Zed Ames (@zed_ames) wrote: “{said} and I will chain myself to the gate. {asks}”");
    check(&desk, "draft.txt", &[(&middle, "verbatim"), (&nail, "altered"), (&handle, "verbatim, wrong handle")]);
}

#[test]
fn a_quotation_may_stand_by_its_place_alone() {
    let desk = few();
    check(
        &desk,
        "draft.md",
        &[
            ("> LOST\n>\n> — Ada Moss", "verbatim"),
            ("> WON\n>\n> — Ada Moss", "altered"),
            ("> SHAME\n>\n> — Doris Finch", "verbatim, wrong name"),
            ("Ada Moss tweeted:\n\n> WON", "altered"),
            ("> WON\n>\n> — Ada Moss (@ada_moss), 12 August 2021 at 21:00 BST", "altered"),
            ("> LOST\n>\n> — Ada Moss (@ada_moss), 15 August 2021 at 21:00 BST", "verbatim, wrong date"),
            ("> WON\n>\n> @ada_moss", "altered"),
            ("> LOST\n>\n> @ada_mos", "verbatim, wrong handle"),
            ("> WON\n>\n> Ada Moss, @ada_moss", "altered"),
            ("> WON\n>\n> — Ada Moss (@ada_moss), Whitby", "altered"),
            ("> WON\n>\n> (Ada Moss, @ada_moss, 12 August 2021)", "altered"),
            ("> WON\n>\n> Ada Moss @ada_moss · Aug 12", "altered"),
            ("> **Ada Moss** (@ada_moss)\n>\n> WON", "altered"),
            ("- **@ada_moss**: WON\n- **@dora_f**: SHAME", "altered | verbatim"),
            // What an editor puts in brackets is no post without words.
            ("> [Translated from German]\n>\n> WON\n>\n> — Ada Moss (@ada_moss)", "altered"),
            ("@ada_moss wrote: “We Will Never Sell The Old Harbour To Anybody”", "not in the archive"),
            // Nobody's of the archive.
            ("> We are pleased to announce the opening of the new car park on Monday.\n>\n> — Harbour Board", ""),
            ("Prose about the harbour: it was sold last week, and nobody had been asked.", ""),
        ],
    );
    check(
        &desk,
        "draft.txt",
        &[
            ("Ada Moss wrote on her page:\n\nWON\n\nThe mayor did not answer.", "altered"),
            ("WON — Ada Moss", "altered"),
            ("Ada Moss\n@ada_moss\nWON\n8:00 PM · Aug 12, 2021", "altered"),
            ("Ada Moss\n@ada_moss\nLOST\n8:00 PM · Aug 12, 2021", "verbatim"),
            ("Ada Moss (@ada_moss) wrote: WON", "altered"),
            ("RT @ada_moss: LOST", "verbatim"),
            ("“Shame on everybody who voted against it.” Dora Finch wrote.", "altered"),
            ("كتبت ليلى حداد: «لن نغادر الميناء الجديد مهما حدث»", "altered"),
        ],
    );
    check(
        &desk,
        "draft.html",
        &[
            ("<figure><blockquote><p>WON</p><cite>Ada Moss</cite></blockquote></figure>", "altered"),
            ("<aside><blockquote>“WON”</blockquote></aside>", "altered"),
            ("<blockquote><p>Ada Moss (@ada_moss): WON</p></blockquote>", "altered"),
            ("<blockquote><p>LOST</p></blockquote><p>Dora Finch (@dora_f) disagreed.</p>", "verbatim"),
            (
                "<p>Ada Moss (@ada_moss) and Dora Finch (@dora_f) were the first:</p><blockquote><p>LOST</p></blockquote><blockquote><p>SHAME</p></blockquote>",
                "verbatim | verbatim",
            ),
        ],
    );
}

#[test]
fn a_quotation_may_go_on_behind_its_attribution() {
    check(
        &few(),
        "draft.txt",
        &[
            (
                "“I have mended nets here for 41 years,” Ben Lark (@benlark) wrote. “Nobody asked me. Not once.”",
                "verbatim",
            ),
            ("“I have mended nets here for 41 years,” wrote Ben Lark. “Nobody asked us. Not once.”", "altered"),
            (
                "“I’ll vote against it,” Hal Brook tweeted, adding: “Don’t let them tell you it’s done. The harbour isn’t theirs to sell.”",
                "verbatim",
            ),
            (
                "“I’ll vote against it,” Hal Brook tweeted. “Don’t let them tell you it’s done,” he wrote. “The harbour isn’t theirs to sell.”",
                "verbatim",
            ),
            (
                "« Nous ne quitterons pas le vieux port », écrit Lucie Béranger. « Le conseil nous ment depuis dix ans ! »",
                "verbatim",
            ),
            ("«Мы не покинем старую гавань, — написал Иван Петров. — Совет лгал нам десять лет!»", "verbatim"),
            ("«Мы не покинем старую гавань, — написал Иван Петров. — Совет лгал нам девять лет!»", "altered"),
            ("“Shame on everybody,” said Dora Finch, “who voted for it.”", "verbatim"),
            ("“Shame on everybody”, Dora Finch said, “who voted for it.”", "verbatim"),
            ("“Shame on everybody,” said Dora Finch, “who voted against it.”", "altered"),
            // Only the second is a post's.
            ("“The tide was out,” Ada Moss (@ada_moss) said. “LOST”", "not in the archive | verbatim"),
            // Two people's words in one paragraph are two quotations.
            ("“SHAME” Dora Finch wrote. “LOST” Ada Moss wrote.", "verbatim | verbatim"),
            (
                "Ben Lark (@benlark) wrote: “I have mended nets here for 41 years.\n\n“Nobody asked me. Not once.”",
                "verbatim",
            ),
            (
                "Ben Lark (@benlark) wrote: “I have mended nets here for 14 years.\n\n“Nobody asked me. Not once.”",
                "altered",
            ),
        ],
    );
}

#[test]
fn marks_ellipses_and_mentions_are_read_as_printers_set_them() {
    check(
        &few(),
        "draft.txt",
        &[
            (
                "»Wir werden den alten Hafen nicht verlassen. Der Stadtrat hat uns neun Jahre lang belogen!«, twitterte Greta Müller.",
                "altered",
            ),
            (
                "„Wir werden den alten Hafen nicht verlassen. Der Stadtrat hat uns neun Jahre lang belogen!\" twitterte Greta Müller.",
                "altered",
            ),
            (
                "‚Wir werden den alten Hafen nicht verlassen. Der Stadtrat hat uns zehn Jahre lang belogen!‘, twitterte Greta Müller.",
                "verbatim",
            ),
            ("Ada Moss wrote: ”WON”", "altered"),
            ("“… We will be back in September.” Ada Moss wrote.", "shortened with an ellipsis"),
            ("“… We will be back in October.” Ada Moss wrote.", "altered, shortened with an ellipsis"),
            ("“You are wrong about the budget, Ada. The numbers were published in March,” @tom_h tweeted.", "verbatim"),
            ("“You are right about the budget, Ada. The numbers were published in March,” @tom_h tweeted.", "altered"),
        ],
    );
}

#[test]
fn a_handle_that_is_another_persons_is_not_held_against_the_words() {
    check(
        &few(),
        "draft.txt",
        &[
            ("Under a post by Ada Moss (@ada_moss), Dora Finch commented: “SHAME”", "verbatim"),
            ("“LOST”\n\nAda Moss (@ada_moss)\n\n“SHAME”\n\nDora Finch (@dora_f)", "verbatim | verbatim"),
            ("“SHAME” — Dora Finch (@dora_f), replying to @ada_moss", "verbatim"),
            ("“SHAME”\n\n“LOST” Ada Moss (@ada_moss) wrote.", "verbatim | verbatim"),
            ("‘It was late. On 3 May 2019, we left the town,’ Cy Wren (@cy_wren) wrote.", "verbatim"),
            ("‘It was late. On 3 May 2019, we left the town,’ wrote Cy Wren.", "verbatim"),
            ("“SHAME” — Dora Finch (@dora), replying to @ada_moss", "verbatim, wrong handle"),
            (
                "Ada Moss (@ada_moss), who wrote “The Nets of Whitby” and starred in “Coast of the North Sea Fishermen”, is a fishmonger.",
                "",
            ),
            (
                "Ada Moss (@ada_moss) shared an article headlined “Council sells the harbour to a developer from London” and added: “LOST”",
                "verbatim",
            ),
            ("In a video posted by @gazette, the mayor says: “There is no plan to sell the harbour, none at all.”", ""),
            ("Ada Moss (@ada_moss), the baker, wrote: “SHAME”", "verbatim, wrong handle, wrong name"),
        ],
    );
}

#[test]
fn a_draft_of_an_old_word_processor_is_read() {
    let desk = few();
    // Windows-1252: quotation marks at 0x93 and 0x94, an apostrophe at 0x92.
    let draft = b"Hal Brook (@hal_b) wrote: \x93I\x92ll vote against it. Don\x92t let them tell you it\x92s done. The harbour isn\x92t theirs to sell.\x94";
    let path = desk.file("draft.txt", draft);
    let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]).ok();
    assert_eq!(kinds(&ran.json()), [["verbatim"]]);
    assert!(ran.err.contains("draft.txt is not UTF-8"), "{}", ran.err);
}

#[test]
fn what_others_say_is_no_quotation() {
    let long = "I have been a volunteer at the library for eleven years and I want to say what I think about the plan, because I do not \
                think that many people have read the whole paper. It is 84 pages long and I know that you do not have the time to read \
                it, well, I get it, but a man who was there on Thursday will need it when it is gone.";
    let desk = desk(&[
        ("val_reed", "Val Reed", "2024-03-13T12:00:00Z", long),
        ("kit_osei", "Kit Osei", "2024-03-14T18:31:00Z", "I am so proud of this town."),
        (
            "jen_ob",
            "Jen O'Brien",
            "2024-03-11T11:20:00Z",
            "My kids learned to read in that building. You can’t put a price on that",
        ),
        (
            "cllr_dent",
            "Cllr Arthur Dent",
            "2024-03-12T13:00:00Z",
            "The council has to save £4.2 million this year and £3.1 million the next.",
        ),
        ("savelib", "Save Marsh Lane Library", "2024-03-14T20:00:00Z", "We won."),
        (
            "radiomarsh",
            "Radio Marsh",
            "2024-03-14T18:00:00Z",
            "BREAKING: Council votes 23 to 19 to keep Marsh Lane Library open",
        ),
        ("ivy_t", "Ivy Tran", "2024-03-14T18:32:00Z", "I am so proud of this town and of everybody in it."),
        ("sam_lowe", "Sam Lowe", "2024-03-13T12:00:00Z", "What a disgrace. What an absolute disgrace"),
        (
            "gil_r",
            "Gil Roe",
            "2024-03-13T13:00:00Z",
            "Judge for yourselves.\n\nRE: https://x.com/mayor/status/1767117005946621957",
        ),
        (
            "nan_c",
            "Nan Cole",
            "2024-03-13T12:00:00Z",
            "What the library gave me:\n\n• my first job\n• my best friend\n• a warm place to sit\n\nDo not close it.",
        ),
        ("a_b", "Ann Bee", "2024-03-13T11:00:00Z", "https://t.co/cccccccccc"),
        ("a_b", "Ann Bee", "2024-03-13T09:00:00Z", "Please sign and share https://t.co/aaaaaaaaaa"),
        ("a_b", "Ann Bee", "2024-03-13T10:00:00Z", "Please sign and share https://t.co/bbbbbbbbbb"),
    ]);
    check(
        &desk,
        "draft.txt",
        &[
            ("“We do not have the time,” the chairman said in the hall.", ""),
            ("The novel, “The Man Who Was Thursday”, came out in 1908.", ""),
            ("“I am very proud of this town,” said Dilys Roper, 66, a retired nurse.", ""),
            ("“I am so proud of this town.” Kit Osei wrote.", "verbatim"),
            ("“I am very proud of this town.” Kit Osei wrote.", "altered"),
            (
                "“My kids learned to swim in that pool. You can’t put a price on that,” said Al Reed, a father of two.",
                "",
            ),
            ("Kim Dow runs the account @savelib under the name “Save Marsh Lane Library”.", ""),
            (
                "Asked about it, the mayor (@mayor_hale) said through a spokesman that it was “a matter for the council”.",
                "not in the archive",
            ),
            ("Save Marsh Lane Library\n@savelib\nWe won.", "verbatim"),
            (
                "Here is what she wrote:\n\nIvy Tran (@ivy_t)\nI am so proud of this town and of everybody in it.",
                "verbatim",
            ),
            ("Here is what they wrote:\n\n@ivy_t: I am so proud of this town and of everybody in it.", "verbatim"),
            (
                "Here is what they wrote:\n\nIvy Tran @ivy_t · Mar 14\nI am so glad of this town and of everybody in it.",
                "altered",
            ),
            (
                "‘What an absolute disgrace’: fury over library\nBy Barry Slade\n@barryslade\n\nCouncil bosses met last night.",
                "",
            ),
            (
                "Gil Roe (@gil_r) wrote: “Judge for yourselves.\n\nRE: https://x.com/mayor/status/1767117005946621957”",
                "verbatim",
            ),
            ("Please sign and share https://t.co/aaaaaaaaaa — Ann Bee (@a_b) March 13, 2024", "verbatim"),
            ("Please sign and share https://t.co/bbbbbbbbbb — Ann Bee (@a_b) March 13, 2024", "verbatim"),
            (
                "What the library gave me:\n\n• my first job\n• my best friend\n• a warm place to sit\n\nDo not close it. — Nan Cole (@nan_c) March 13, 2024",
                "verbatim",
            ),
            ("https://t.co/cccccccccc — Ann Bee (@a_b) March 13, 2024", "verbatim"),
            ("[image without words] — Ann Bee (@a_b) March 13, 2024", ""),
        ],
    );
    check(
        &desk,
        "draft.md",
        &[
            (
                "> I am so proud of this town and of everybody in it.\n>\n> [View there](https://x.com/ivy_t/status/1768366489108223412)",
                "verbatim",
            ),
            (
                "> I am so proud of this town and of everybody in it.\n>\n> [Ivy ap Tran (@ivy_t)](https://x.com/ivy_t)",
                "verbatim",
            ),
            (
                "> I am so glad of this town and of everybody in it.\n>\n> [Ivy ap Tran (@ivy_t)](https://x.com/ivy_t)",
                "altered",
            ),
        ],
    );
}
