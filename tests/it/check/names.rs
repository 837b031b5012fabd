//! Names and days as journalists print them: titles, parts, descriptions, looser forms, other languages. What is another's name or
//! another day is found, and what is right, or none at all, raises no alarm.

use crate::program::Desk;

const SHAME: &str = "Shame on everybody who voted for it.";

/// Posts of people with names of several kinds.
fn archive() -> Desk {
    let desk = Desk::with("");
    let lines: String = [
        ("dora_f", "Dora Finch", "2021-07-27T06:00:00Z", SHAME),
        ("ada_moss", "Ada Moss", "2021-07-26T18:03:11Z", "We will not leave the old harbour, come what may."),
        (
            "cllr_hayes",
            "Cllr Tom Hayes",
            "2021-07-26T19:00:00Z",
            "The numbers were published in March, as everybody knows.",
        ),
        (
            "jpdupont",
            "Jean-Pierre Dupont-Aubry",
            "2021-08-03T11:00:00Z",
            "They carried three hundred sandbags in two hours.",
        ),
        (
            "tanaka_k",
            "田中健",
            "2021-08-04T09:00:00Z",
            "古い港を離れるつもりはありません。市議会は十年間も嘘をついてきました。",
        ),
        ("ivan_p", "Иван Петров", "2021-08-05T10:00:00Z", "Мы не покинем старую гавань. Совет лгал нам десять лет!"),
        ("greta_m", "Greta Müller", "2021-08-05T11:00:00Z", "Wir werden den alten Hafen nicht verlassen."),
        ("lucie_b", "Lucie Béranger", "2021-08-05T12:00:00Z", "Le conseil nous ment depuis dix ans."),
    ]
    .iter()
    .map(|(handle, name, at, text)| format!("{}\n", serde_json::json!({"t": text, "h": handle, "n": name, "d": at})))
    .collect();
    let path = desk.file("posts.jsonl", lines.as_bytes());
    desk.run(&["import", path.to_str().unwrap(), "--map", "text=t,handle=h,author=n,date=d"]).ok();
    desk
}

/// Checks drafts, each beside the findings that it must have. `“S”` stands for the post of Dora Finch.
#[track_caller]
fn check(drafts: &[(&str, &str)]) {
    let words = [
        ("“S", &*format!("“{}", SHAME.trim_end_matches('.'))),
        ("MOSS", "We will not leave the old harbour, come what may"),
        ("HAYES", "The numbers were published in March, as everybody knows"),
        ("TANAKA", "古い港を離れるつもりはありません。市議会は十年間も嘘をついてきました。"),
    ];
    super::found(&archive(), "draft.txt", &words, drafts);
}

#[test]
fn a_name_with_a_title_in_part_or_with_more_around_it_is_right() {
    check(&[
        ("Mrs Finch tweeted: “S”", "verbatim"),
        ("“S” Ms. Finch tweeted.", "verbatim"),
        ("Finch (@dora_f) wrote: “S”", "verbatim"),
        ("Ms. Finch (@dora_f) wrote: “S”", "verbatim"),
        ("Yesterday Finch (@dora_f) wrote: “S”", "verbatim"),
        ("“S” — Dora (@dora_f)", "verbatim"),
        ("“S” — Twitter user Dora Finch (@dora_f)", "verbatim"),
        ("“S” — Dora Finch, Whitby (@dora_f)", "verbatim"),
        ("Dora Finch, Whitby (@dora_f) wrote: “S”", "verbatim"),
        ("Councillor Tom Hayes tweeted: “HAYES”", "verbatim"),
        ("Tom Hayes (@cllr_hayes) tweeted: “HAYES”", "verbatim"),
        ("Labour’s Tom Hayes tweeted: “HAYES”", "verbatim"),
        ("“They carried three hundred sandbags in two hours,” Dupont-Aubry said.", "verbatim"),
        ("田中健さん（@tanaka_k）は2021年8月4日、「TANAKA」と投稿した。", "verbatim"),
        (
            "«Мы не покинем старую гавань. Совет лгал нам десять лет!» — написал Иван Петров (@ivan_p) 5 августа 2021 года.",
            "verbatim",
        ),
        // What describes somebody is no name.
        ("“S” — Twitter user @dora_f", "verbatim"),
        ("“S” — One reader (@dora_f)", "verbatim"),
        ("Twitter user @dora_f wrote: “S”", "verbatim"),
    ]);
}

#[test]
fn another_name_is_wrong_whatever_stands_around_it() {
    check(&[
        ("“MOSS” — Ada Ross (@ada_moss)", "verbatim, wrong name"),
        ("Ed Moss (@ada_moss) wrote: “MOSS”", "verbatim, wrong name"),
        ("Mr Ed Moss wrote: “MOSS”", "verbatim, wrong name"),
        ("“S” — Doris Finch (@dora_f)", "verbatim, wrong name"),
        ("“S” — Twitter user Doris Finch (@dora_f)", "verbatim, wrong name"),
        ("“S” — Dora Finch-Smith (@dora_f)", "verbatim, wrong name"),
        ("Labour’s Ed Hayes tweeted: “HAYES”", "verbatim, wrong name"),
        ("“They carried three hundred sandbags in two hours,” Jean-Paul Dupont said.", "verbatim, wrong name"),
        // The author is named near by.
        ("Dora Finch is angry. Ed Fox wrote: “S”", "verbatim, doubtful"),
        ("Dora Finch (@dora_f) has seen enough. As Ed Fox wrote: “S”", "verbatim, doubtful"),
    ]);
}

#[test]
fn a_name_is_found_in_looser_forms() {
    check(&[
        ("“S” fumed Doris Finch.", "verbatim, wrong name"),
        ("“S” hit back Doris Finch.", "verbatim, wrong name"),
        ("Doris Finch hit back: “S”", "verbatim, wrong name"),
        ("On Thursday Doris Finch wrote: “S”", "verbatim, wrong name"),
        ("„Wir werden den alten Hafen nicht verlassen“, schrieb Gerda Müller am 5. August.", "verbatim, wrong name"),
        ("« Le conseil nous ment depuis dix ans », a écrit Lucille Béranger.", "verbatim, wrong name"),
        ("«Мы не покинем старую гавань. Совет лгал нам десять лет!», написал Иван Сидоров.", "verbatim, wrong name"),
        ("Auf der Seite schrieb Gerda Müller: „Wir werden den alten Hafen nicht verlassen.“", "verbatim, wrong name"),
        ("“S,” according to Doris Finch.", "verbatim, wrong name"),
        ("A tweet by Doris Finch read: “S”", "verbatim, doubtful"),
        ("Doris Finch: “S”", "verbatim, doubtful"),
        ("Another user, Doris Finch, tweeted: “S”", "verbatim, doubtful"),
        ("“S” Doris Finch, 61, wrote.", "verbatim, doubtful"),
        ("Doris Finch, who has lived here for years, wrote: “S”", "verbatim, doubtful"),
        ("Doris Finch of Save Our Harbour tweeted: “S”", "verbatim, doubtful"),
        ("“S” fishmonger Doris Finch wrote.", "verbatim, doubtful"),
        ("“S,” said local fishmonger Doris Finch.", "verbatim, doubtful"),
        ("Doris Finch took to Twitter: “S”", "verbatim, doubtful"),
        ("Doris Finch’s tweet read: “S”", "verbatim, doubtful"),
        ("“S” – Doris Finch", "verbatim, doubtful"),
        ("“S”\n\n– Doris Finch", "verbatim, doubtful"),
        ("“S” – Doris Finch via Twitter", "verbatim, doubtful"),
        ("“S” (Doris Finch)", "verbatim, doubtful"),
    ]);
}

#[test]
fn the_same_forms_with_the_right_name_or_none_raise_no_alarm() {
    check(&[
        ("“S” fumed Dora Finch.", "verbatim"),
        (
            "„Wir werden den alten Hafen nicht verlassen“, schrieb Bürgermeisterin Greta Müller am 5. August.",
            "verbatim",
        ),
        ("« Le conseil nous ment depuis dix ans », a écrit Lucie Béranger.", "verbatim"),
        ("“S” Dora Finch, 61, wrote.", "verbatim"),
        ("Dora Finch of Save Our Harbour tweeted: “S”", "verbatim"),
        ("“S” fishmonger Dora Finch wrote.", "verbatim"),
        ("Dora Finch took to Twitter: “S”", "verbatim"),
        ("“S” – Dora Finch via Twitter", "verbatim"),
        ("Dora Finch’s tweet read: “S”", "verbatim"),
        ("One resident of North Whitby tweeted: “S”", "verbatim"),
        ("Under Labour rules, a nurse wrote: “S”", "verbatim"),
        ("A Manchester United fan wrote: “S”", "verbatim"),
        ("“S,” said Manchester United fans.", "verbatim"),
        ("The Harbour Board said: “S”", "verbatim"),
        ("People in North Whitby wrote: “S”", "verbatim"),
        ("Doris Finch of the Gazette was told by a neighbour: “S”", "verbatim"),
        ("Doris Finch, of the Gazette, reports that a nurse wrote: “S”", "verbatim"),
        ("Responding to Doris Finch’s tweet, a nurse wrote: “S”", "verbatim"),
        ("Ed Fox shared Dora Finch’s post: “S”", "verbatim"),
        ("“S” – the words of somebody", "verbatim"),
        ("Auf der Seite schrieb eine Nutzerin: „Wir werden den alten Hafen nicht verlassen.“", "verbatim"),
        ("As Ed Fox of the Gazette reported, one resident tweeted: “S”", "verbatim"),
        ("Ed Fox’s tweet drew a reply: “S”", "verbatim"),
        ("A post by Ed Fox of the Gazette drew this answer: “S”", "verbatim"),
        ("“S,” in reply to a post by Ed Fox.", "verbatim"),
        ("Quote Of The Day: “S”", "verbatim"),
        // Somebody else has a handle.
        ("Ada Moss (@ada_moss) left. Dora Finch: “S”", "verbatim"),
        ("Ada Moss (@ada_moss) left. Dora Finch of Save Our Harbour tweeted: “S”", "verbatim"),
        ("“MOSS,” Ada Moss (@ada_moss) wrote. “S” – Dora Finch", "verbatim | verbatim"),
        // The author is named near by, and a loose form says less.
        ("Dora Finch is a fishmonger. Ed Fox of Save Our Harbour wrote: “S”", "verbatim"),
        ("Dora Finch is a fishmonger. “S” – Ed Fox", "verbatim"),
    ]);
}

#[test]
fn days_are_found_wherever_they_stand_and_those_of_something_else_are_not() {
    check(&[
        ("On July 29 at 9 p.m., Dora Finch wrote: “S”", "verbatim, wrong date"),
        ("29 July 2021 – Dora Finch (@dora_f): “S”", "verbatim, wrong date"),
        ("In August 2021, Dora Finch (@dora_f) tweeted: “S”", "verbatim, wrong date"),
        ("“S” (Dora Finch, 29 July 2021)", "verbatim, doubtful"),
        ("Dora Finch (@dora_f) has hit out. In a tweet on Thursday, 29 July, she wrote: “S”", "verbatim, doubtful"),
        ("“S” Dora Finch (@dora_f) tweeted on 29/7.", "verbatim, wrong date"),
        ("田中健氏（@tanaka_k）は2021年8月6日、「TANAKA」と投稿した。", "verbatim, wrong date"),
        ("Am 9. August schrieb Greta Müller: „Wir werden den alten Hafen nicht verlassen.“", "verbatim, wrong date"),
        ("On July 27 at 9 p.m., Dora Finch wrote: “S”", "verbatim"),
        ("27 July 2021 – Dora Finch (@dora_f): “S”", "verbatim"),
        ("In July 2021, Dora Finch (@dora_f) tweeted: “S”", "verbatim"),
        ("“S” (Dora Finch, 27 July 2021)", "verbatim"),
        ("Dora Finch (@dora_f) has hit out. In a tweet on Tuesday, 27 July, she wrote: “S”", "verbatim"),
        ("“S” Dora Finch (@dora_f) tweeted on 27/7.", "verbatim"),
        ("“S” Dora Finch (@dora_f) tweeted before the meeting on 9 August 2021.", "verbatim"),
        ("Dora Finch (@dora_f), who was born on 3 May 1960, tweeted: “S”", "verbatim"),
        ("Dora Finch (@dora_f), who was born on 3 May 1960, tweeted on 29 July 2021: “S”", "verbatim, wrong date"),
        ("“S” Dora Finch (@dora_f), who joined Twitter in May 2009, tweeted.", "verbatim"),
        ("“S” It was Dora Finch (@dora_f) who posted that on 3 May 2019.", "verbatim, wrong date"),
        ("In May 2009, Dora Finch (@dora_f) moved here. In a tweet on 27 July 2021 she wrote: “S”", "verbatim"),
    ]);
}
