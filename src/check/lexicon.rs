//! The words by which prose is understood: who says something, what is said of a person beside the name, what a date is of.
//!
//! Lists only, in small letters; what they mean for a draft stands where they are asked for.

use std::collections::HashSet;
use std::sync::LazyLock;

type List = LazyLock<HashSet<&'static str>>;

fn list(words: &'static str) -> HashSet<&'static str> {
    words.split_ascii_whitespace().collect()
}

/// Verbs of saying, in the forms in which prose has them.
static VERBS: List = LazyLock::new(|| {
    list(
        "wrote writes said says posted posts tweeted tweets tooted toots added adds replied replies answered answers asked asks \
         told tells commented comments responded responds noted argued argues declared explained insisted joked warned warns \
         remarked stated complained wondered fumed fumes raged rages quipped quips claimed claims urged urges vented vents shared \
         shares blasted blasts slammed slams hit ranted rants moaned moans mused muses pleaded pleads demanded demands snapped \
         snaps thundered exclaimed protested sighed lamented laments countered counters retorted announced announces concluded \
         predicted admitted admits observed recalled confessed scoffed bragged boasted sneered \
         schrieb schreibt twitterte twittert postete postet sagte sagt antwortete erklärte fragte kommentierte geschrieben \
         getwittert gepostet gesagt meint meinte fragt erklärt ergänzte betonte \
         écrit écrivait tweeté twitté tweete posté publié répondu dit déclaré commenté réagi ajouté expliqué lancé \
         escribió escribe tuiteó tuitea publicó dijo respondió comentó afirmó preguntó añadió sostuvo \
         scritto scrive twittato detto pubblicato risposto commentato \
         escreveu tuitou disse publicou respondeu \
         schreef schrijft twitterde zei plaatste geschreven getwitterd skrev tvittrade \
         написал написала пишет сказал сказала твитнул твитнула опубликовал опубликовала ответил ответила заявил заявила \
         написав написала napisał napisała",
    )
});

/// Verbs that may have the words of another for their object.
static PASSING_ON: List = LazyLock::new(|| list("shared shares reposted quoted"));

/// Verbs whose subject may stand behind them before a quotation: `Am Montag schrieb Ada Moss:`.
static INVERTED: List = LazyLock::new(|| {
    list(
        "schrieb schreibt twitterte twittert postete postet sagte sagt antwortete erklärte kommentierte schreef schrijft twitterde \
         zei skrev escribió tuiteó dijo écrit tweeté",
    )
});

/// What may open a sentence whose subject stands behind the verb.
static BEFORE_INVERTED: List = LazyLock::new(|| {
    list("am auf im in bei gestern heute später dann dazu laut op gisteren vandaag en ayer hoy sur hier på")
});

/// Verbs whose passive says whose words they are: `tweeted by Ada Moss`.
static PASSIVE: List = LazyLock::new(|| list("tweeted posted written published tooted"));

/// What a post does: `Her tweet read:`.
static READS: List =
    LazyLock::new(|| list("read reads reading said says saying was is ran runs went goes began begins stated simply"));

/// What stands before a participle: `has written`, `a écrit`, and adverbs that are none in `-ly`.
static AUXILIARIES: List = LazyLock::new(|| {
    list("has had have also then later once just since hat hatte habe a ha avait è already even still")
});

/// What opens a sentence with a capital and names nobody.
static NOBODY: List = LazyLock::new(|| {
    list(
        "he she they it i we you who one some many others another nobody somebody someone everybody everyone people critics and \
         but when as then so here there what his her their our my yesterday today tonight later earlier now both all most \
         several again meanwhile however instead also still even only just not no yes nor or if though although because while \
         how why where which whose each every few more much such other anyone anybody next last soon once",
    )
});

/// What makes a noun of the words behind it: `The Mayor` is nobody's name.
static DETERMINERS: List = LazyLock::new(|| {
    list(
        "the a an this that these those our your its der die das ein eine einer le la les l' un une el los las una il lo i gli",
    )
});

/// What makes the name behind it no subject.
static PREPOSITIONS: List = LazyLock::new(|| {
    list(
        "of by for from in on at to with without near under over after before during since until till despite about against \
         among between into like around behind beside via versus regarding concerning following according inside outside within \
         auf sur sobre su op em across towards toward below above beneath underneath onto upon besides plus per than off up down through throughout",
    )
});

/// Parts of the day and days of the week.
static DAYS: List = LazyLock::new(|| {
    list(
        "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun montag dienstag mittwoch \
         donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche",
    )
});

/// What a person is called where no name is printed.
static PEOPLE: List = LazyLock::new(|| {
    list(
        "user users account accounts reader readers resident residents poster posters member members commenter commenters \
         commentator fan fans supporter supporters follower followers viewer viewers listener listeners neighbour neighbours \
         neighbor neighbors voter voters local locals person people man woman mother father parent parents passer-by visitor \
         customer critic critics observer witness tweeter blogger somebody someone nutzer nutzerin user:in leser leserin anwohner \
         anwohnerin utilisateur utilisatrice lecteur lectrice internaute usuario usuaria lector lectora utente lettore lettrice \
         пользователь читатель",
    )
});

/// What stands before a name and is no part of it.
static TITLES: List = LazyLock::new(|| {
    list(
        "mr mrs ms miss mx master dr doctor sir dame lord lady baron baroness prof professor rev reverend fr father sister cllr \
         councillor councilor councilman councilwoman cr alderman mayor mayoress deputy mp msp mep senator sen congressman \
         congresswoman representative rep gov governor president minister secretary judge justice capt captain sgt col major gen \
         lt cmdr hon chief pc officer detective bishop pastor imam rabbi canon comrade \
         herr frau bürgermeister bürgermeisterin stadtrat stadträtin m mme mlle monsieur madame mademoiselle maître maire \
         señor señora señorita sr sra srta doña signor signora dott dottoressa senhor senhora dhr mevr \
         г-н г-жа господин госпожа \
         fishmonger fisherman fisher skipper baker butcher teacher nurse lawyer barrister solicitor author writer journalist \
         reporter columnist editor activist campaigner comedian actor actress singer musician footballer economist historian \
         scientist researcher student pensioner shopkeeper farmer docker builder plumber artist academic analyst broadcaster",
    )
});

/// What stands behind a name and is no part of it.
static DEGREES: List =
    LazyLock::new(|| list("mp msp mep ms md phd jr sr ii iii obe mbe cbe qc kc esq frs ba ma msc mba llb rn"));

/// What ends a name out of courtesy where nothing parts words.
const HONORIFICS: &[&str] = &["さん", "さま", "ちゃん", "くん", "先生", "氏", "様", "님", "씨", "女士", "小姐"];

/// What makes a day behind it that of something else: `before the meeting on 9 August`.
static OF_OTHERS: List = LazyLock::new(|| {
    list(
        "before after ahead since until till following during when while about regarding concerning between despite because prior vor nach \
         seit bis avant après depuis antes después desde prima dopo до после",
    )
});

/// What opens a clause about a person, whose day is of no post unless its verb is one of saying.
static OF_LIVES: List = LazyLock::new(|| {
    list(
        "who whose whom which where born joined elected appointed married died founded resigned retired arrested geboren né née nacido \
         nacida nato nata",
    )
});

/// Times of a day, which make a day of what stands behind them all the same: `shortly after midnight on 9 August`.
static HOURS: List =
    LazyLock::new(|| list("midnight noon midday dawn dusk lunch lunchtime breakfast sunset sunrise dark"));

/// What a post is called.
static POSTS: List = LazyLock::new(|| {
    list(
        "tweet tweets post posts toot toots message reply comment thread status statement caption words note skeet response beitrag",
    )
});

/// What stands before a day.
static ON: List = LazyLock::new(|| list("on in am im le en el il den dated"));

/// What goes on with the same person behind a comma.
static GOING_ON: List = LazyLock::new(|| list("who which and but then also later now aged"));

/// What opens a clause about somebody else behind a quotation.
static CONJUNCTIONS: List = LazyLock::new(|| list("and but while whereas though although as so yet"));

/// What stands before the title of a work, or before a heading.
static WORKS: List =
    LazyLock::new(|| list("headlined titled entitled called named dubbed in book film song headline slogan"));

/// Small words of a signature: where something was said, and parts of names.
static OF_PLACES: List = LazyLock::new(|| list("on via in at from de van von der la al"));

pub(super) fn goes_on(word: &str) -> bool {
    GOING_ON.contains(word)
}

pub(super) fn is_conjunction(word: &str) -> bool {
    CONJUNCTIONS.contains(word)
}

pub(super) fn is_work(word: &str) -> bool {
    WORKS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_of_place(word: &str) -> bool {
    OF_PLACES.contains(word)
}

pub(super) fn is_verb(word: &str) -> bool {
    VERBS.contains(word)
}

pub(super) fn passes_on(word: &str) -> bool {
    PASSING_ON.contains(word)
}

pub(super) fn is_inverted(word: &str) -> bool {
    INVERTED.contains(word)
}

pub(super) fn may_open_inverted(word: &str) -> bool {
    BEFORE_INVERTED.contains(word.to_lowercase().as_str())
}

/// Whether `by` behind a word says whose words they are.
pub(super) fn is_made(word: &str) -> bool {
    PASSIVE.contains(word) || is_post(word)
}

pub(super) fn reads(word: &str) -> bool {
    READS.contains(word)
}

pub(super) fn is_auxiliary(word: &str) -> bool {
    AUXILIARIES.contains(word)
}

pub(super) fn is_nobody(word: &str) -> bool {
    NOBODY.contains(word.to_lowercase().as_str())
}

pub(super) fn is_determiner(word: &str) -> bool {
    DETERMINERS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_day(word: &str) -> bool {
    DAYS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_people(word: &str) -> bool {
    PEOPLE.contains(word.to_lowercase().as_str())
}

pub(super) fn is_title(word: &str) -> bool {
    TITLES.contains(word.to_lowercase().as_str())
}

pub(super) fn is_degree(word: &str) -> bool {
    DEGREES.contains(word.to_lowercase().as_str())
}

pub(super) fn is_of_others(word: &str) -> bool {
    OF_OTHERS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_of_lives(word: &str) -> bool {
    OF_LIVES.contains(word.to_lowercase().as_str())
}

pub(super) fn is_hour(word: &str) -> bool {
    HOURS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_post(word: &str) -> bool {
    POSTS.contains(word.to_lowercase().as_str())
}

pub(super) fn is_on(word: &str) -> bool {
    ON.contains(word.to_lowercase().as_str())
}

/// A name without what ends it out of courtesy.
pub(super) fn without_honorific(name: &str) -> &str {
    let name = name.trim_end();
    let bare = HONORIFICS.iter().find_map(|honorific| name.strip_suffix(honorific)).map(str::trim_end);
    bare.filter(|bare| !bare.is_empty()).unwrap_or(name)
}
