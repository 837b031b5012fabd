//! In what a quotation differs from a post: which words, and whether they were cut, changed or bracketed.

use std::borrow::Cow;

use super::align::{Step, align};
use super::tokens::{Sort, Token, plain_address};
use crate::model::Link;
use crate::platform;

/// What becomes of a piece of text between the post and the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// The same in both.
    Equal,
    /// In the post, and not in the draft.
    Out,
    /// In the draft, and not in the post.
    In,
    /// In the draft in square brackets: an editor's.
    Editor,
    /// In the post, where the draft has an ellipsis.
    Cut,
}

impl Op {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Equal => "equal",
            Op::Out => "out",
            Op::In => "in",
            Op::Editor => "editor",
            Op::Cut => "cut",
        }
    }
}

/// A piece of a word diff, with the space before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What becomes of it.
    pub op: Op,
    /// The words.
    pub text: String,
}

/// In what they differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// Words are other than the post's.
    pub altered: bool,
    /// All that is altered is put in square brackets.
    pub only_brackets: bool,
    /// All that is altered is the case of letters.
    pub only_case: bool,
    /// All that is altered is punctuation.
    pub only_marks: bool,
    /// Words are left out, and an ellipsis says so.
    pub cut_with_ellipsis: bool,
    /// Words are left out, and nothing says so.
    pub cut_silently: bool,
    /// The draft goes on where the archive's text was cut.
    pub goes_beyond: bool,
    /// Both texts in one.
    pub pieces: Vec<Piece>,
}

/// A text with its tokens.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
}

impl<'a> Words<'a> {
    pub(super) fn of(text: &'a str) -> Words<'a> {
        Words { text, tokens: super::tokens::tokens(text) }
    }
}

/// So many words of the post that are left out are a cut; fewer change what it says.
const CUT: usize = 4;

/// Compares a quotation with a text of a post.
pub(super) fn differences(draft: &Words<'_>, post: &Words<'_>, links: &[Link], truncated: bool) -> Differences {
    let same = |d: &Token, p: &Token| {
        d.text == p.text
            || (d.sort == Sort::Address && p.sort == Sort::Address && is_one_address(&d.text, &p.text, links))
    };
    let steps = align(&draft.tokens, &post.tokens, same);
    let mut found = Differences::default();
    let says = |step: &Step| matches!(step, Step::Equal(d, _) if draft.tokens[*d].is_word());
    let first = steps.iter().position(says).unwrap_or(steps.len());
    let last = steps.iter().rposition(says).unwrap_or(0);
    let mut kinds = Kinds::default();
    // Where gaps begin that are no difference.
    let mut passed = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        let length = steps[at..].iter().take_while(|step| !matches!(step, Step::Equal(..))).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let gap =
            Gap { steps: &steps[at..at + length], draft, post, at_start: at < first, at_end: at > last, truncated };
        if gap.judge(&mut found, &mut kinds) {
            passed.push(at);
        }
        at += length;
    }
    found.altered = kinds != Kinds::default();
    found.only_brackets = kinds == Kinds { brackets: true, ..Kinds::default() };
    found.only_case = kinds == Kinds { case: true, ..Kinds::default() };
    found.only_marks = kinds == Kinds { marks: true, ..Kinds::default() };
    found.pieces = pieces(&steps, &passed, draft, post);
    found
}

/// What kinds of alteration there are.
#[derive(Default, PartialEq, Eq)]
struct Kinds {
    words: bool,
    brackets: bool,
    case: bool,
    marks: bool,
}

/// A stretch in which nothing is equal.
struct Gap<'a> {
    steps: &'a [Step],
    draft: &'a Words<'a>,
    post: &'a Words<'a>,
    at_start: bool,
    at_end: bool,
    truncated: bool,
}

impl Gap<'_> {
    /// Adds what the gap says; gives whether that is nothing.
    fn judge(&self, found: &mut Differences, kinds: &mut Kinds) -> bool {
        let ins: Vec<&Token> = self.steps.iter().filter_map(|step| self.of_draft(*step)).collect();
        let outs: Vec<&Token> = self.steps.iter().filter_map(|step| self.of_post(*step)).collect();
        let has_ellipsis = self.steps.iter().any(|step| matches!(step, Step::Ellipsis(_)));
        let words = |tokens: &[&Token]| tokens.iter().filter(|token| token.is_word()).count();
        let is_edge = self.at_start || self.at_end;
        // The page's own quotation marks, and the comma in the place of a full stop that its house style wants.
        let is_edge_mark =
            |token: &&Token| token.sort == Sort::Mark && matches!(token.text.as_str(), "." | "," | "\"" | ";" | ":");
        if is_edge && !has_ellipsis && ins.iter().all(is_edge_mark) && outs.iter().all(is_edge_mark) {
            return true;
        }
        if self.at_end
            && self.truncated
            && !ins.is_empty()
            && outs.iter().all(|token| !token.is_word() || token.sort == Sort::Address)
        {
            found.goes_beyond = true;
            return false;
        }
        if has_ellipsis {
            if outs.iter().any(|token| token.is_word()) {
                found.cut_with_ellipsis = true;
            } else if !is_edge && outs.is_empty() {
                kinds.marks = true;
            }
            let beside: Vec<&&Token> = ins.iter().filter(|token| token.sort != Sort::Ellipsis).collect();
            kinds.words |= beside.iter().any(|token| token.is_word());
            kinds.brackets |= beside.iter().any(|token| token.sort == Sort::Bracket);
            return false;
        }
        // Whom a reply answers stands before its words, and neither apps nor papers show it.
        let is_mention = |token: &&Token| token.text.starts_with('@') || token.sort == Sort::Mark;
        if self.at_start && words(&outs) > 0 && outs.iter().all(is_mention) && ins.iter().all(is_edge_mark) {
            return true;
        }
        // What an embed puts behind the words for what is attached, with the archive's address of it or without.
        let is_added = |token: &&Token| {
            platform::is_added(&self.draft.text[token.range.clone()])
                || (outs.is_empty() && platform::is_shortened(&token.text))
        };
        if self.at_end
            && ins.iter().any(is_added)
            && ins.iter().all(|token| is_added(token) || is_edge_mark(token))
            && outs.iter().all(|token| token.sort == Sort::Address || is_edge_mark(token))
        {
            return true;
        }
        // Addresses of what is attached end many texts, and no quotation needs them.
        let only_addresses = |token: &&Token| token.sort == Sort::Address || token.sort == Sort::Mark;
        if self.at_end
            && words(&ins) == 0
            && words(&outs) > 0
            && outs.iter().all(only_addresses)
            && ins.iter().all(is_edge_mark)
        {
            return true;
        }
        if ins.iter().all(|token| token.sort == Sort::Mark) && words(&outs) > 0 && (is_edge || words(&outs) >= CUT) {
            // A piece from the middle that ends in an ellipsis, or begins with one, says that it is one.
            let mut said = self.draft.tokens.iter().filter(|token| token.sort != Sort::Mark);
            let other_end = if self.at_start { said.next_back() } else { said.next().filter(|_| self.at_end) };
            if other_end.is_some_and(|token| token.sort == Sort::Ellipsis) {
                found.cut_with_ellipsis = true;
            } else {
                found.cut_silently = true;
            }
            return false;
        }
        if self.steps.iter().all(|step| self.is_case(*step)) {
            kinds.case = true;
        } else if ins.iter().any(|token| token.sort == Sort::Bracket && !is_added(token)) && words(&ins) <= words(&outs)
        {
            kinds.brackets = true;
        } else if words(&ins) == 0 && words(&outs) == 0 {
            kinds.marks = true;
        } else {
            kinds.words = true;
        }
        false
    }

    fn of_draft(&self, step: Step) -> Option<&Token> {
        match step {
            Step::Equal(d, _) | Step::Instead(d, _) | Step::In(d) | Step::Ellipsis(d) => self.draft.tokens.get(d),
            Step::Out(_) | Step::Cut(_) => None,
        }
    }

    fn of_post(&self, step: Step) -> Option<&Token> {
        match step {
            Step::Equal(_, p) | Step::Instead(_, p) | Step::Out(p) | Step::Cut(p) => self.post.tokens.get(p),
            Step::In(_) | Step::Ellipsis(_) => None,
        }
    }

    fn is_case(&self, step: Step) -> bool {
        let Step::Instead(d, p) = step else { return false };
        self.draft.tokens[d].lower == self.post.tokens[p].lower
    }
}

/// Whether two addresses are the same one, whole or as it is shown.
fn is_one_address(draft: &str, post: &str, links: &[Link]) -> bool {
    let like = |one: &str, other: &str| {
        let begins = |short: &str, long: &str| {
            short.strip_suffix('…').is_some_and(|short| short.len() >= 4 && long.starts_with(short))
        };
        one.eq_ignore_ascii_case(other) || begins(one, other) || begins(other, one)
    };
    let (draft, post) = (&*untracked(draft), &*untracked(post));
    let mut names = links.iter().map(|link| [&link.shown, &link.url].map(|name| plain_address(&untracked(name))));
    let has = |names: &[String; 2], address: &str| names.iter().any(|name| like(name, address));
    let last = |address: &str| address.rsplit('/').next().unwrap_or_default().to_owned();
    like(draft, post)
        || names.clone().any(|names| has(&names, draft) && has(&names, post))
        // A picture goes by the same letters in both dresses.
        || (platform::is_picture(draft) && platform::is_shortened(post) && last(draft) == last(post))
        // Where a short one leads cannot be seen, unless the archive knows it.
        || (platform::is_shortened(draft) && !platform::is_shortened(post) && !names.any(|names| has(&names, draft)))
}

/// An address without what says by which way its readers come.
fn untracked(address: &str) -> Cow<'_, str> {
    let Some((place, rest)) = address.split_once('?') else { return Cow::Borrowed(address) };
    let (query, part) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
    let is_way = |pair: &&str| pair.starts_with("utm_") || pair.starts_with("fbclid=") || pair.starts_with("gclid=");
    if !query.split('&').any(|pair| is_way(&pair)) {
        return Cow::Borrowed(address);
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_way(pair)).collect();
    let sign = if kept.is_empty() { "" } else { "?" };
    Cow::Owned(format!("{}{sign}{}{part}", place.trim_end_matches('/'), kept.join("&")))
}

fn pieces(steps: &[Step], passed: &[usize], draft: &Words<'_>, post: &Words<'_>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |op: Op, words: &Words<'_>, at: usize| {
        let range = words.tokens[at].range.clone();
        let before = at.checked_sub(1).map_or(0, |before| words.tokens[before].range.end);
        // What opens one text may stand behind something of the other.
        let is_apart = if at > 0 { range.start > before } else { !pieces.is_empty() };
        let space = if is_apart { " " } else { "" };
        let text = format!("{space}{}", &words.text[range]);
        match pieces.last_mut().filter(|last| last.op == op) {
            Some(last) => last.text.push_str(&text),
            None => pieces.push(Piece { op, text }),
        }
    };
    let mut at = 0;
    while at < steps.len() {
        if let Step::Equal(d, _) = steps[at] {
            push(Op::Equal, draft, d);
            at += 1;
            continue;
        }
        // In a stretch of differences, what is missing comes first and whole.
        let gap = &steps[at..at + steps[at..].iter().take_while(|step| !matches!(step, Step::Equal(..))).count()];
        if passed.contains(&at) {
            for step in gap {
                if let Step::In(d) | Step::Instead(d, _) = *step {
                    push(Op::Equal, draft, d);
                }
            }
            at += gap.len();
            continue;
        }
        for step in gap {
            match *step {
                Step::Out(p) | Step::Instead(_, p) => push(Op::Out, post, p),
                Step::Cut(p) => push(Op::Cut, post, p),
                _ => {}
            }
        }
        for step in gap {
            if let Step::In(d) | Step::Instead(d, _) | Step::Ellipsis(d) = *step {
                let op = if draft.tokens[d].sort == Sort::Bracket { Op::Editor } else { Op::In };
                push(op, draft, d);
            }
        }
        at += gap.len();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(draft: &str, post: &str) -> String {
        let found = differences(&Words::of(draft), &Words::of(post), &[], false);
        let mut kinds = Vec::new();
        for (is, kind) in [
            (found.altered && found.only_brackets, "brackets"),
            (found.altered && found.only_case, "case"),
            (found.altered && found.only_marks, "marks"),
            (found.altered && !found.only_brackets && !found.only_case && !found.only_marks, "altered"),
            (found.cut_with_ellipsis, "ellipsis"),
            (found.cut_silently, "cut"),
        ] {
            if is {
                kinds.push(kind);
            }
        }
        kinds.join(" ")
    }

    #[test]
    fn differences_are_named() {
        let post = "We will not leave the old harbour. The council has lied to us for ten years! #SaveIt 🚢";
        for (draft, expected) in [
            (post, ""),
            ("“We will not leave the old harbour. The council has lied to us for ten years! #SaveIt 🚢”", ""),
            ("We will leave the old harbour. The council has lied to us for ten years! #SaveIt 🚢", "altered"),
            ("We will not leave the old harbour. The Council has lied to us for ten years! #SaveIt 🚢", "case"),
            ("We will not leave the old harbour. The council has lied to us for 10 years! #SaveIt 🚢", "altered"),
            ("We will not leave the old harbour. The council has lied to us for ten years. #SaveIt 🚢", "marks"),
            ("We will not leave the old harbour. The council has lied to us for ten years! #SaveIt ⛵", "altered"),
            ("We will not leave the old harbour. The council has lied to us for ten years!", "cut"),
            ("We will not leave the old harbour…", "ellipsis"),
            ("We will not leave the old harbour.", "cut"),
            ("The council has lied to us for ten years! #SaveIt 🚢", "cut"),
            ("We will not … for ten years! #SaveIt 🚢", "ellipsis"),
            ("We will not [...] for twenty years! #SaveIt 🚢", "altered ellipsis"),
            ("We will not leave has lied to us for ten years! #SaveIt 🚢", "cut"),
            (
                "We will not leave the old harbour [sic]. The council has lied to us for ten years! #SaveIt 🚢",
                "brackets",
            ),
            ("We will not leave the old harbour. [They have] lied to us for ten years! #SaveIt 🚢", "brackets"),
            ("We will not leave the harbour old. The council has lied to us for ten years! #SaveIt 🚢", "altered"),
        ] {
            assert_eq!(compare(draft, post), expected, "{draft}");
        }
        for (draft, post, expected) in [
            ("So it is,", "So it is.", ""),
            ("So it is: bbc.co.uk/news/uk…", "So it is: https://www.bbc.co.uk/news/uk-1234", ""),
            ("So it is", "So it is https://t.co/abc", ""),
            ("So it is pic.twitter.com/abc", "So it is https://t.co/abc", ""),
            ("So it is pic.twitter.com/abc", "So it is", ""),
            ("So pic.twitter.com/abc it is", "So it is", "altered"),
            ("So it is. [image or embed]", "So it is.", ""),
            ("So it is. https://t.co/abc", "So it is.", ""),
            ("So it is. https://t.co/abc", "So it is. https://t.co/abd", "altered"),
            ("So it is. https://a.example/b", "So it is.", "altered"),
            ("So it is [image or embed].", "So it was.", "altered"),
            ("So: https://t.co/abc #it", "So: https://a.example/b #it", ""),
            ("So: https://t.co/abc #it", "So: https://t.co/abd #it", "altered"),
            ("So: https://a.example/c #it", "So: https://a.example/b #it", "altered"),
            ("So: https://a.example/c #it", "So: https://t.co/abc #it", "altered"),
            ("So: https://a.example/b?id=7&utm_source=x #it", "So: https://a.example/b?id=7 #it", ""),
            ("So: https://a.example/b/?utm_source=x&utm_campaign=y#z #it", "So: https://a.example/b#z #it", ""),
            ("So: https://a.example/b?id=8&utm_source=x #it", "So: https://a.example/b?id=7 #it", "altered"),
            ("He said “no”", "He said no", "marks"),
            ("He “said” no", "He said no", "marks"),
            ("Every day counts …", "We fight on. Every day counts. This is the end, my friends.", "ellipsis"),
            ("… Every day counts.", "We fight on. Every day counts, and this is the end, my friends.", "ellipsis"),
            ("Every day counts.", "@ada @ben@moss.example Every day counts.", ""),
            ("Every day counts.", "Ada Every day counts.", "cut"),
            ("… This is … my friends …", "Every day counts. This is the end, my friends. I love you.", "ellipsis"),
            ("This is … friends …,", "Every day counts. This is the end, my friends. I love you.", "ellipsis"),
        ] {
            assert_eq!(compare(draft, post), expected, "{draft}");
        }
    }

    #[test]
    fn a_diff_shows_both() {
        let found = differences(&Words::of("Well, I am [so] glad."), &Words::of("Well, he is glad."), &[], false);
        let shown: Vec<(&str, &str)> =
            found.pieces.iter().map(|piece| (piece.op.as_str(), piece.text.as_str())).collect();
        assert_eq!(
            shown,
            [("equal", "Well,"), ("out", " he is"), ("in", " I am"), ("editor", " [so]"), ("equal", " glad.")]
        );
    }
}
