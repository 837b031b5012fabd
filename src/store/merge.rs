//! What a post shows that was seen in several ways. Pure: the same ways give the same post, in whichever order they came.
//! schema.sql states the rules at `post`.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::authority::{self, ANYBODY};
use super::content::Content;
use super::dates;
use super::revision::Revision;
use super::version::{Claim, Version, is_whole, may_be_cut, standing};
use crate::model::{Author, Handle, Kind, Post, PostRef, TextState, When};

/// A post made of all ways in which it was seen.
pub(super) struct Merged {
    /// What its row shows.
    pub(super) post: Post,
    /// The author by whom its account is found.
    pub(super) author: Author,
    /// The greatest authority that names this author.
    pub(super) author_authority: u8,
    /// Its states; more than one if it changed, or if sources disagree.
    pub(super) revisions: Vec<Revision>,
    /// The place in them of the one that the row shows.
    pub(super) shown: usize,
    /// Number of each version, and of the revision that it shows.
    pub(super) versions: Vec<(u32, Option<u32>)>,
}

/// The doubt about a post whose revisions differ where no edit is known.
const DISAGREE: &str = "sources disagree about its words, and no edit explains it: see its revisions";

/// The most doubts of sources that a post shows.
const MOST_DOUBTS: usize = 50;

/// The last doubt of a post of which sources doubt more.
const MORE_DOUBTS: &str = "more is doubtful about it than is named here";

/// Makes the post; `None` without versions. `left_out` says that there are more than are compared.
pub(super) fn merge(mut versions: Vec<Version>, left_out: bool) -> Option<Merged> {
    versions.sort_by(Version::hearing);
    let sources =
        || versions.iter().map(|version| (&version.post.author, version.authority, version.proof.url.as_str()));
    let mut believed = authority::believed(sources()).into_iter();
    let (mut heard, refused): (Vec<Version>, Vec<Version>) =
        versions.into_iter().partition(|_| believed.next().unwrap_or(true));
    admit_cuts(&mut heard);
    let heard: Vec<&Version> = heard.iter().collect();

    let states = states(&heard);
    let shown = (0..states.len()).max_by_key(|at| states.get(*at).map(State::claim))?;
    let state = states.get(shown)?;
    let mut post = rest(&heard, state.post());
    post.doubts = doubts(heard.iter().filter(|version| is_about(version, state, post.created)));
    for version in &refused {
        authority::doubt(&mut post.doubts, &version.post.author, &version.proof.url);
    }
    post.doubts.extend(dates::doubts(post.created, heard.iter().filter_map(|version| version.post.created)));
    if disagree(&states) {
        post.doubts.push(DISAGREE.to_owned());
    }
    if left_out {
        let most = super::version::MOST;
        post.doubts.push(format!("it was seen in more ways than are held against each other: {most} of them were"));
    }
    let named = heard.iter().filter(|version| authority::is_named(&version.post.author));
    let numbered = || states.iter().zip(1..);
    let shows = numbered().flat_map(|(state, number)| state.members.iter().map(move |m| (m.number, Some(number))));
    Some(Merged {
        author: found_by(&heard, post.author.handle.as_ref()),
        author_authority: named.map(|version| version.authority).max().unwrap_or(ANYBODY),
        revisions: numbered().map(|(state, number)| state.revision(number)).collect(),
        shown,
        versions: shows.chain(refused.iter().map(|version| (version.number, None))).collect(),
        post,
    })
}

/// Where a source of the same or a greater authority says of the very same text that it is cut, it is cut.
fn admit_cuts(heard: &mut [Version]) {
    let mut cut: HashMap<String, u8> = HashMap::new();
    for version in heard.iter().filter(|version| version.post.text_state == TextState::Truncated) {
        let by = cut.entry(version.post.text.clone()).or_default();
        *by = version.authority.max(*by);
    }
    for version in heard {
        if cut.get(&version.post.text).is_some_and(|by| *by >= version.authority) {
            version.post.text_state = TextState::Truncated;
        }
    }
}

/// The states that the versions show, in the order of their numbers: by the time of the edit, then by the time when the
/// first live capture showed them.
fn states<'a>(heard: &[&'a Version]) -> Vec<State<'a>> {
    // Whole texts come before cut ones, which can only be recognised by them.
    let mut best_first: Vec<(usize, &Version)> = heard.iter().copied().enumerate().collect();
    best_first.sort_by_key(|(_, version)| Reverse(version.claim()));
    let mut states: Vec<(Content<'a>, &Version, Vec<usize>)> = Vec::new();
    for (at, version) in best_first {
        let content = Content::of(version);
        let shown = states.iter_mut().rev().filter(|(state, ..)| state.is_shown_by(&content));
        match shown.max_by_key(|(state, ..)| state.likeness(&content)) {
            Some((state, _, members)) => {
                state.fill(&content);
                members.push(at);
            }
            None => states.push((content, version, vec![at])),
        }
    }
    let mut states: Vec<State<'a>> = states
        .into_iter()
        .map(|(content, best, mut members)| {
            members.sort_unstable();
            State::of(content, best, members.into_iter().filter_map(|at| heard.get(at)).copied().collect())
        })
        .collect();
    states.sort_by(|a, b| (a.edited, a.first_live(), a.claim()).cmp(&(b.edited, b.first_live(), b.claim())));
    states
}

/// Whether two states differ in their words, and no edit tells which is the later one.
fn disagree(states: &[State<'_>]) -> bool {
    states.iter().enumerate().any(|(at, a)| {
        states.iter().skip(at + 1).any(|b| a.edited == b.edited && a.content.differs_in_words(&b.content))
    })
}

/// One state of a post, and the versions that show it.
struct State<'a> {
    content: Content<'a>,
    /// The member whose text it has.
    best: &'a Version,
    /// In the order in which they are heard.
    members: Vec<&'a Version>,
    /// Those of the members that show exactly the text; no other says what belongs to it if one of these does.
    exact: Vec<&'a Version>,
    edited: Option<DateTime<Utc>>,
    authority: u8,
}

impl<'a> State<'a> {
    fn of(content: Content<'a>, best: &'a Version, members: Vec<&'a Version>) -> State<'a> {
        let is_exact = |version: &&&Version| best.post.text == version.post.text;
        let exact: Vec<&Version> = members.iter().filter(is_exact).copied().collect();
        let authority = exact.iter().map(|version| version.authority).max().unwrap_or(ANYBODY);
        // A lesser source does not move a state to another time.
        let telling = members.iter().filter(|version| version.authority >= authority);
        let edited = telling.filter_map(|version| version.post.edited).max();
        State { content, best, edited, authority, members, exact }
    }

    /// When a live capture first showed this state.
    fn first_live(&self) -> Option<DateTime<Utc>> {
        self.members.iter().filter_map(|version| version.proof.live()).min()
    }

    /// See [`Version::claim`].
    fn claim(&self) -> Claim<'_> {
        let time = self.first_live().map(|at| at.timestamp_micros());
        Claim {
            standing: standing(&self.best.post.text, self.text_state()),
            authority: self.authority,
            edited: self.edited,
            turn: if self.authority == ANYBODY { time.map(|time| -time) } else { time },
            last: self.exact.iter().map(|version| version.claim().last).max().unwrap_or_default(),
        }
    }

    /// The members in the order in which they are heard about what belongs to the text.
    fn heard(&self) -> impl Iterator<Item = &'a Version> {
        self.exact.iter().chain(&self.members).copied()
    }

    fn text_state(&self) -> TextState {
        let rank = |state: &TextState| (standing("some", *state), *state == TextState::Complete);
        let best = self.exact.iter().map(|version| version.post.text_state).max_by_key(rank).unwrap_or_default();
        let is_cut = |post: &Post| may_be_cut(post) && post.text != self.best.post.text;
        let repairs = is_whole(best) && self.members.iter().any(|version| is_cut(&version.post));
        if repairs { TextState::Repaired } else { best }
    }

    /// The state as a post; what belongs to no state is not in it.
    fn post(&self) -> Post {
        let of = |get: fn(&Post) -> &Option<String>| self.heard().find_map(|version| get(&version.post).clone());
        let polls = self.members.iter().rev().filter(|version| version.post.poll.is_some());
        let poll = polls.max_by_key(|version| version.counts.order());
        Post {
            text: self.best.post.text.clone(),
            text_state: self.text_state(),
            edited: self.edited,
            content_warning: of(|post| &post.content_warning),
            author: Author {
                handle: self.heard().find_map(|version| version.post.author.handle.clone()),
                name: of(|post| &post.author.name),
                ..Author::default()
            },
            hashtags: list(self.heard(), |post| &post.hashtags),
            mentions: list(self.heard(), |post| &post.mentions),
            links: list(self.heard(), |post| &post.links),
            media: list(self.heard(), |post| &post.media),
            poll: poll.and_then(|version| version.with_counts().poll),
            ..Post::default()
        }
    }

    /// Its proof is the first capture of the greatest authority that shows exactly this text.
    fn revision(&self, number: u32) -> Revision {
        let proof = &self.exact.first().unwrap_or(&self.best).proof;
        Revision::of(number, &self.post(), self.authority, (proof.capture, proof.place.clone(), proof.fetched_at))
    }
}

/// What a post shows beside its state: what the first says who says anything, in the order in which they are heard.
fn rest(heard: &[&Version], mut post: Post) -> Post {
    let first = |get: fn(&Post) -> &Option<String>| heard.iter().find_map(|version| get(&version.post).clone());
    let reference = |get: fn(&Post) -> &Option<PostRef>| {
        let mut said = heard.iter().filter_map(|version| get(&version.post).as_ref());
        let mut reference = said.next()?.clone();
        for other in said {
            // One that names another post adds nothing.
            if reference.uri.as_ref().zip(other.uri.as_ref()).is_none_or(|(a, b)| a == b) {
                let PostRef { id, uri, url } = &mut reference;
                for (to, from) in [(id, &other.id), (uri, &other.uri), (url, &other.url)] {
                    *to = to.take().or_else(|| from.clone());
                }
            }
        }
        Some(reference)
    };
    post.platform = heard.first().map(|version| version.post.platform.clone()).unwrap_or_default();
    post.id = first(|post| &post.id);
    post.uri = first(|post| &post.uri);
    post.url = first(|post| &post.url);
    post.author.id = first(|post| &post.author.id);
    post.author.url = first(|post| &post.author.url);
    post.author.name = post.author.name.or_else(|| first(|post| &post.author.name));
    post.author.handle =
        post.author.handle.or_else(|| heard.iter().find_map(|version| version.post.author.handle.clone()));
    post.author.flags = list(heard.iter().copied(), |post| &post.author.flags);
    post.created = dates::best(heard.iter().filter_map(|version| Some((version.post.created?, version.authority))));
    post.lang = first(|post| &post.lang);
    post.kind = heard.iter().map(|version| version.post.kind).find(|kind| *kind != Kind::Original).unwrap_or_default();
    post.reply_to = reference(|post| &post.reply_to);
    post.repost_of = reference(|post| &post.repost_of);
    post.quote_of = reference(|post| &post.quote_of);
    post.labels = list(heard.iter().copied(), |post| &post.labels);
    let counts = heard.iter().map(|version| &version.counts).max_by_key(|counts| counts.order());
    post.metrics = counts.map(|counts| counts.metrics()).unwrap_or_default();
    post
}

/// Whether what a source doubts is about what is shown: what is doubtful about other words on a page says nothing about
/// those that the platform gives.
fn is_about(version: &Version, shown: &State<'_>, created: Option<When>) -> bool {
    version.authority >= shown.authority
        || version.post.text == shown.best.post.text
        || (created.is_some() && version.post.created == created)
}

/// The doubts of sources, each once, up to a bound: a page may show one post ten thousand times, each time with another
/// doubt.
fn doubts<'a>(sources: impl Iterator<Item = &'a &'a Version>) -> Vec<String> {
    let mut doubts: Vec<String> = Vec::new();
    for doubt in sources.flat_map(|version| &version.post.doubts) {
        if doubts.contains(doubt) {
            continue;
        }
        if doubts.len() == MOST_DOUBTS {
            doubts.push(MORE_DOUBTS.to_owned());
            break;
        }
        doubts.push(doubt.clone());
    }
    doubts
}

/// The first list that is not empty.
fn list<'a, T: Clone + 'a>(versions: impl Iterator<Item = &'a Version>, get: fn(&Post) -> &Vec<T>) -> Vec<T> {
    versions.map(|version| get(&version.post)).find(|list| !list.is_empty()).cloned().unwrap_or_default()
}

/// By whom the account is found: by what a source says who names the handle that is shown, one with an id if there is one.
fn found_by(heard: &[&Version], handle: Option<&Handle>) -> Author {
    let folded = handle.map(Handle::folded);
    let authors = || heard.iter().map(|version| &version.post.author);
    let named = || authors().filter(|author| author.handle.as_ref().map(Handle::folded) == folded);
    let found = named().find(|author| author.id.is_some()).or_else(|| named().next());
    found.cloned().unwrap_or_default()
}
