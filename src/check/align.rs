//! Two rows of tokens laid side by side at the least cost: what is equal, exchanged, left out or put in.
//!
//! An ellipsis of the quotation stands for any number of words of the post. Long gaps cost less than many short ones, so that a
//! sentence that was cut is seen as one.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::tokens::{Sort, Token};

/// One step through both rows; numbers of tokens of the draft, then of the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The same in both.
    Equal(usize, usize),
    /// One in the place of the other.
    Instead(usize, usize),
    /// Only in the draft.
    In(usize),
    /// Only in the post.
    Out(usize),
    /// An ellipsis of the draft.
    Ellipsis(usize),
    /// Only in the post, where the draft has an ellipsis.
    Cut(usize),
}

/// Above this product of lengths, the rows are compared in a way that takes less memory and knows no ellipsis.
const LARGEST: usize = 2_000_000;

/// The least cost of a place for each way to come to it; a large number stands for none.
const NEVER: u32 = u32::MAX / 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Both,
    Out,
    In,
    Cut,
}

const STATES: [State; 4] = [State::Both, State::Out, State::In, State::Cut];

/// Lays the rows side by side.
pub(super) fn align(draft: &[Token], post: &[Token], same: impl Fn(&Token, &Token) -> bool) -> Vec<Step> {
    let is_ellipsis = |token: Option<&Token>| token.is_some_and(|token| token.sort == Sort::Ellipsis);
    let begins = is_ellipsis(draft.iter().find(|token| token.sort != Sort::Mark));
    let ends = is_ellipsis(draft.iter().rfind(|token| token.sort != Sort::Mark));
    let piece = Piece { begins: begins && !ends, ends: ends && !begins };
    // The full stop of a piece from the middle is not that at the end of the post.
    let words = |count: usize, tokens: &[Token]| {
        if tokens.iter().all(|token| token.sort == Sort::Mark) { 0 } else { count }
    };
    let ahead = draft.iter().zip(post).take_while(|(d, p)| same(d, p)).count();
    let ahead = if piece.ends { words(ahead, &draft[..ahead]) } else { ahead };
    let (rest, of_post) = (&draft[ahead..], &post[ahead..]);
    let behind = rest.iter().rev().zip(of_post.iter().rev()).take_while(|(d, p)| same(d, p)).count();
    let behind = if piece.begins { words(behind, &draft[draft.len() - behind..]) } else { behind };
    let (middle, of_post) = (&rest[..rest.len() - behind], &of_post[..of_post.len() - behind]);
    let mut steps: Vec<Step> = (0..ahead).map(|at| Step::Equal(at, at)).collect();
    let inner = if (middle.len() + 1) * (of_post.len() + 1) > LARGEST {
        by_lines(middle, of_post)
    } else {
        let piece = Piece { begins: piece.begins && behind == 0, ends: piece.ends && ahead == 0 };
        cheapest(middle, of_post, piece, same)
    };
    steps.extend(inner.into_iter().map(|step| match step {
        Step::Equal(d, p) => Step::Equal(d + ahead, p + ahead),
        Step::Instead(d, p) => Step::Instead(d + ahead, p + ahead),
        Step::In(d) => Step::In(d + ahead),
        Step::Out(p) => Step::Out(p + ahead),
        Step::Ellipsis(d) => Step::Ellipsis(d + ahead),
        Step::Cut(p) => Step::Cut(p + ahead),
    }));
    steps.extend((0..behind).rev().map(|back| Step::Equal(draft.len() - 1 - back, post.len() - 1 - back)));
    steps
}

/// What it costs to set one token in the place of another; `None` if they are too unlike.
fn exchange(draft: &Token, post: &Token) -> Option<u32> {
    match (draft.sort, post.sort) {
        (Sort::Word, Sort::Word) if draft.lower == post.lower => Some(3),
        (Sort::Mark, Sort::Mark) => Some(5),
        (Sort::Word | Sort::Picture | Sort::Address | Sort::Bracket, Sort::Word | Sort::Picture | Sort::Address) => {
            Some(7)
        }
        _ => None,
    }
}

/// Whether a quotation says at its beginning, or at its end, that it is a piece of a post: then what stands behind it, or before
/// it, is left out at no cost.
#[derive(Clone, Copy)]
struct Piece {
    begins: bool,
    ends: bool,
}

fn cheapest(draft: &[Token], post: &[Token], piece: Piece, same: impl Fn(&Token, &Token) -> bool) -> Vec<Step> {
    const OPEN: u32 = 3;
    const NEXT: u32 = 1;
    const ELLIPSIS: u32 = 1;
    let width = post.len() + 1;
    // From which way each way to a place comes.
    let mut from = vec![[State::Both; 4]; (draft.len() + 1) * width];
    let mut above: Vec<[u32; 4]> = Vec::new();
    let best = |costs: &[u32; 4], opens: [u32; 4]| {
        let ways = STATES.iter().zip(costs.iter().zip(opens).map(|(cost, open)| cost + open));
        ways.min_by_key(|(_, cost)| *cost).map_or((State::Both, NEVER), |(state, cost)| (*state, cost.min(NEVER)))
    };
    for i in 0..=draft.len() {
        let mut row: Vec<[u32; 4]> = Vec::with_capacity(width);
        for j in 0..=post.len() {
            let mut here = [NEVER; 4];
            let origin = &mut from[i * width + j];
            if i == 0 && j == 0 {
                here[State::Both as usize] = 0;
            }
            if let (Some(d), Some(p)) = (i.checked_sub(1), j.checked_sub(1)) {
                let cost = if same(&draft[d], &post[p]) { Some(0) } else { exchange(&draft[d], &post[p]) };
                if let Some(cost) = cost {
                    let (state, so_far) = best(&above[p], [0; 4]);
                    (origin[State::Both as usize], here[State::Both as usize]) = (state, so_far + cost);
                }
            }
            if let Some(p) = j.checked_sub(1) {
                let left: &[u32; 4] = &row[p];
                let is_free = (piece.ends && i == 0) || (piece.begins && i == draft.len());
                let (open, next) = if is_free { (0, 0) } else { (OPEN, NEXT) };
                let (state, cost) = best(left, [open, 0, open, open]);
                (origin[State::Out as usize], here[State::Out as usize]) = (state, cost + next);
                (origin[State::Cut as usize], here[State::Cut as usize]) = (State::Cut, left[State::Cut as usize]);
            }
            if let Some(d) = i.checked_sub(1) {
                let (state, cost) = best(&above[j], [OPEN, OPEN, 0, OPEN]);
                (origin[State::In as usize], here[State::In as usize]) = (state, cost + NEXT);
                if draft[d].sort == Sort::Ellipsis {
                    let (state, cost) = best(&above[j], [ELLIPSIS; 4]);
                    if cost < here[State::Cut as usize] {
                        // Marked by a state that absorbing never comes from within a row.
                        (origin[State::Cut as usize], here[State::Cut as usize]) = (begins(state), cost);
                    }
                }
            }
            row.push(here);
        }
        above = row;
    }
    let last = above.last().copied().unwrap_or([NEVER; 4]);
    let mut state = best(&last, [0; 4]).0;
    let (mut i, mut j) = (draft.len(), post.len());
    let mut steps = Vec::with_capacity(i + j);
    while i > 0 || j > 0 {
        let came = from[i * width + j][state as usize];
        match state {
            State::Both if i > 0 && j > 0 => {
                (i, j) = (i - 1, j - 1);
                let equal = same(&draft[i], &post[j]);
                steps.push(if equal { Step::Equal(i, j) } else { Step::Instead(i, j) });
                state = came;
            }
            State::Out if j > 0 => {
                j -= 1;
                steps.push(Step::Out(j));
                state = came;
            }
            State::In if i > 0 => {
                i -= 1;
                steps.push(Step::In(i));
                state = came;
            }
            State::Cut if came == State::Cut && j > 0 => {
                j -= 1;
                steps.push(Step::Cut(j));
            }
            State::Cut if i > 0 => {
                i -= 1;
                steps.push(Step::Ellipsis(i));
                state = came;
            }
            // Nothing comes from there.
            _ => break,
        }
    }
    steps.reverse();
    steps
}

/// The way to an ellipsis. After another ellipsis it is as if that had ended.
fn begins(state: State) -> State {
    if state == State::Cut { State::Both } else { state }
}

fn by_lines(draft: &[Token], post: &[Token]) -> Vec<Step> {
    let words = |tokens: &[Token]| tokens.iter().map(|token| token.text.clone()).collect::<Vec<_>>();
    let mut steps = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &words(post), &words(draft)) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                steps.extend((0..len).map(|at| Step::Equal(new_index + at, old_index + at)));
            }
            DiffOp::Delete { old_index, old_len, .. } => steps.extend((0..old_len).map(|at| Step::Out(old_index + at))),
            DiffOp::Insert { new_index, new_len, .. } => steps.extend((0..new_len).map(|at| Step::In(new_index + at))),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                steps.extend((0..old_len).map(|at| Step::Out(old_index + at)));
                steps.extend((0..new_len).map(|at| Step::In(new_index + at)));
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    /// Equal tokens as they are, `-out`, `+in`, `(cut)`.
    fn shown(draft: &str, post: &str) -> String {
        let (d, p) = (tokens(draft), tokens(post));
        let steps = align(&d, &p, |d, p| d.text == p.text);
        let shown: Vec<String> = steps
            .iter()
            .map(|step| match step {
                Step::Equal(at, _) => d[*at].text.clone(),
                Step::Instead(at, of) => format!("{}/{}", d[*at].text, p[*of].text),
                Step::In(at) => format!("+{}", d[*at].text),
                Step::Out(at) => format!("-{}", p[*at].text),
                Step::Ellipsis(_) => "…".to_owned(),
                Step::Cut(at) => format!("({})", p[*at].text),
            })
            .collect();
        shown.join(" ")
    }

    #[test]
    fn rows_are_laid_side_by_side() {
        for (draft, post, expected) in [
            ("a b", "a b", "a b"),
            ("a x c", "a b c", "a x/b c"),
            ("a c", "a b c", "a -b c"),
            ("a b x c", "a b c", "a b +x c"),
            ("a … e", "a b of d e", "a … (b) (of) (d) e"),
            ("a … of e", "a b of d of e", "a … (b) (of) (d) of e"),
            ("a …", "a b c", "a … (b) (c)"),
            ("… c", "a b c", "… (a) (b) c"),
            ("a … c … e", "a b c d e", "a … (b) c … (d) e"),
            ("a … b", "a … b", "a … b"),
            ("a … x e", "a b c d e", "a … (b) (c) (d) +x e"),
            ("x the y", "x the a the b the y", "x the -a -the -b -the y"),
            ("", "a", "-a"),
            ("a", "", "+a"),
            ("…", "", "…"),
            ("… …", "a b", "… (a) (b)"),
        ] {
            assert_eq!(shown(draft, post), expected, "{draft} | {post}");
        }
    }

    #[test]
    fn long_rows_are_compared_too() {
        let post: Vec<String> = (0..3000).map(|n| format!("w{n}")).collect();
        let draft: Vec<String> = (0..3000).map(|n| format!("w{}", if n % 1000 == 5 { 9000 } else { n })).collect();
        let found = shown(&draft.join(" "), &post.join(" "));
        assert!(found.contains("-w5 +w9000") && found.contains("-w2005 +w9000"));
    }
}
