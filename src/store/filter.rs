//! A search tree as conditions: the part that the full-text index answers, and SQL for the rest.
//!
//! Most leaves are words or marks of the index (see `index`), so that most trees are one expression of it. Of some it knows
//! which posts may fit, and the row decides. Few are seen by the row alone. Every value is a parameter.

use chrono::{DateTime, Days, FixedOffset, NaiveTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::expression::Expression;
use super::id::{floor, needs_a_look};
use super::index::{Mark, STEPS, of_address};
use super::{deletion, desk, named};
use crate::fold;
use crate::model::{Handle, TextState};
use crate::query::{Count, Expr, Has, Is, State};

/// Accounts of one handle that are looked for by their marks; of more, the rows tell.
const MOST_ACCOUNTS: usize = 500;

/// What the full-text index knows of a tree: the posts that fit lie between two expressions of it.
pub(super) struct Bounds {
    /// Finds every post that fits, and others perhaps.
    pub(super) most: Expression,
    /// Finds only posts that fit, and not all perhaps.
    pub(super) least: Expression,
}

impl Bounds {
    fn exact(by: Expression) -> Bounds {
        Bounds { least: by.clone(), most: by }
    }

    fn within(most: Expression) -> Bounds {
        Bounds { most, least: Expression::nothing() }
    }

    /// The index cannot say.
    fn unknown() -> Bounds {
        Bounds::within(Expression::every())
    }

    /// Whether the index knows all.
    pub(super) fn are_one(&self) -> bool {
        self.most == self.least
    }
}

/// SQL over `post p` with its parameters in order.
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) params: Vec<Value>,
}

impl Condition {
    pub(super) fn new(sql: impl Into<String>, params: impl IntoIterator<Item = Value>) -> Condition {
        Condition { sql: sql.into(), params: params.into_iter().collect() }
    }
}

/// Turns trees into conditions of one statement.
pub(super) struct Filter<'a> {
    db: &'a Connection,
    /// How the statement calls the number of a post.
    id: &'static str,
    /// Whether the statement walks what the index finds.
    is_walk: bool,
}

impl<'a> Filter<'a> {
    pub(super) fn new(db: &'a Connection, id: &'static str, is_walk: bool) -> Filter<'a> {
        Filter { db, id, is_walk }
    }

    /// What the index knows of a tree.
    pub(super) fn bounds(&self, expr: &Expr) -> rusqlite::Result<Bounds> {
        Ok(match expr {
            Expr::All(parts) => self.all(parts)?,
            Expr::Not(_) => self.all(std::slice::from_ref(expr))?,
            Expr::Any(parts) => {
                let (mut most, mut least) = (Vec::new(), Vec::new());
                for part in parts {
                    let bounds = self.bounds(part)?;
                    most.push(bounds.most);
                    least.push(bounds.least);
                }
                Bounds { most: Expression::any(most), least: Expression::any(least) }
            }
            leaf => self.leaf(leaf)?,
        })
    }

    /// What the index knows of several trees of which all must fit.
    fn all(&self, parts: &[Expr]) -> rusqlite::Result<Bounds> {
        let (mut most, mut least) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for part in parts {
            if let Expr::Not(part) = part {
                if let Some(others) = self.complement(part)? {
                    most.0.push(others.clone());
                    least.0.push(others);
                    continue;
                }
                // What merely may fit must not be left out.
                let bounds = self.bounds(part)?;
                most.1.push(bounds.least);
                least.1.push(bounds.most);
            } else {
                let bounds = self.bounds(part)?;
                most.0.push(bounds.most);
                least.0.push(bounds.least);
            }
        }
        Ok(Bounds { most: Expression::all_but(most.0, most.1), least: Expression::all_but(least.0, least.1) })
    }

    /// All other posts, for a leaf that fits most posts of many archives: to leave those out one by one would mean to walk them all.
    fn complement(&self, leaf: &Expr) -> rusqlite::Result<Option<Expression>> {
        Ok(match leaf {
            Expr::Platform(name) => {
                let others = named::platforms(self.db)?.into_iter().map(|other| other.to_lowercase());
                Some(Expression::any_mark(others.filter(|other| other != name).map(Mark::Platform)))
            }
            Expr::TextState(state) => {
                let states = [TextState::Complete, TextState::Repaired, TextState::Truncated, TextState::Unknown];
                let others = states.iter().filter(|other| *other != state);
                Some(Expression::any_mark(others.map(|other| Mark::TextState(other.as_str()))))
            }
            Expr::Has(Has::Hashtag) => Some(Expression::Mark(Mark::Lacks(Has::Hashtag.as_str()))),
            Expr::Is(Is::Original) => Some(Expression::Mark(Mark::Lacks(Is::Original.as_str()))),
            _ => None,
        })
    }

    fn leaf(&self, leaf: &Expr) -> rusqlite::Result<Bounds> {
        let mark = |mark: Mark| Bounds::exact(Expression::Mark(mark));
        Ok(match leaf {
            Expr::Word(text) | Expr::Phrase(text) => words(text, false).map_or_else(Bounds::unknown, Bounds::exact),
            Expr::Prefix(stem) => words(stem, true).map_or_else(Bounds::unknown, Bounds::exact),
            Expr::Gaps(phrases) => {
                let phrases: Vec<Expression> = phrases.iter().filter_map(|phrase| words(phrase, false)).collect();
                Bounds::within(Expression::all_but(phrases, Vec::new()))
            }
            Expr::Tag(tag) => mark(Mark::Tag(tag.folded())),
            Expr::Cashtag(symbol) => mark(Mark::Cashtag(symbol.clone())),
            Expr::From(handle) => {
                let accounts = accounts(self.db, handle)?;
                if accounts.len() > MOST_ACCOUNTS {
                    return Ok(Bounds::unknown());
                }
                Bounds::exact(Expression::any_mark(accounts.into_iter().map(Mark::From)))
            }
            Expr::To(handle) => mark(Mark::To(handle.folded())),
            Expr::Mentions(handle) => mark(Mark::Mentions(handle.folded())),
            Expr::Lang(lang) => mark(Mark::Lang(lang.clone())),
            Expr::Domain(host) => mark(Mark::Domain(host.clone())),
            Expr::Url(words) => match of_address(words) {
                words if words.is_empty() => Bounds::unknown(),
                words => Bounds::exact(Expression::Words(words, false)),
            },
            Expr::Has(has) => mark(Mark::Has(has.as_str())),
            Expr::Is(is) => mark(Mark::Is(is.as_str())),
            Expr::AtLeast(_, 0) => Bounds::unknown(),
            Expr::AtLeast(count, least) => {
                // The last step that is not more holds some that are fewer, unless it is that very number.
                let first = STEPS.iter().rposition(|step| step <= least).unwrap_or_default();
                let from = |first: usize| {
                    let steps = STEPS.iter().skip(first);
                    Expression::any_mark(steps.map(|step| Mark::Count(count.as_str(), *step)))
                };
                let sure = first + usize::from(!STEPS.contains(least));
                Bounds { most: from(first), least: from(sure) }
            }
            Expr::Answering(name) => self.referring(name, Mark::Answers)?,
            Expr::Quoting(name) => self.referring(name, Mark::Quotes)?,
            Expr::Reposting(name) => self.referring(name, Mark::Reposts)?,
            Expr::Platform(name) => mark(Mark::Platform(name.clone())),
            Expr::State(State::Deleted) => Bounds::unknown(),
            Expr::State(state) => mark(Mark::State(state.as_str())),
            Expr::TextState(state) => mark(Mark::TextState(state.as_str())),
            Expr::Label(label) => mark(Mark::Label(label.clone())),
            _ => Bounds::unknown(),
        })
    }

    /// Posts that refer to one, by whichever of its names.
    fn referring(&self, name: &str, mark: fn(String) -> Mark) -> rusqlite::Result<Bounds> {
        let names = named::all_names(self.db, name)?;
        Ok(Bounds::exact(Expression::any_mark(names.into_iter().map(mark))))
    }

    /// A condition that is 0 or 1, never NULL: so its negation is true for posts that do not say.
    pub(super) fn condition(&self, expr: &Expr) -> rusqlite::Result<Condition> {
        let id = self.id;
        let bounds = self.bounds(expr)?;
        if bounds.are_one() {
            return Ok(match bounds.most {
                by if by.is_nothing() => Condition::new("0", []),
                by if by == Expression::every() => Condition::new("1", []),
                // Of a walk over the index, few posts are left to be looked at, each for itself.
                by if self.is_walk => {
                    let sql = format!("EXISTS (SELECT 1 FROM post_fts f WHERE f.post_fts MATCH ? AND f.rowid = {id})");
                    Condition::new(sql, [by.sql().into()])
                }
                by => {
                    let sql = format!("{id} IN (SELECT rowid FROM post_fts WHERE post_fts MATCH ?)");
                    Condition::new(sql, [by.sql().into()])
                }
            });
        }
        Ok(match expr {
            Expr::All(parts) => self.joined(parts, " AND ")?,
            Expr::Any(parts) => self.joined(parts, " OR ")?,
            Expr::Not(part) => {
                let Condition { sql, params } = self.condition(part)?;
                Condition { sql: format!("NOT ({sql})"), params }
            }
            // Signs that the full-text index does not keep: punctuation.
            Expr::Word(text) | Expr::Prefix(text) | Expr::Phrase(text) => Condition::new(
                "(instr(p.text, ?) > 0 OR instr(ifnull(p.content_warning, ''), ?) > 0)",
                [text.clone().into(), text.clone().into()],
            ),
            Expr::Gaps(phrases) => {
                let phrases = serde_json::Value::from(phrases.clone()).to_string();
                Condition::new("pullquote_gaps(p.text, p.content_warning, p.labels, ?)", [phrases.into()])
            }
            Expr::From(handle) => {
                let list = accounts(self.db, handle)?.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                Condition::new(format!("ifnull(p.account IN ({list}), 0)"), [])
            }
            Expr::Since(at) => since(id, *at),
            Expr::Until(at) => until(id, *at),
            Expr::SinceId(least) => by_id(*least, ">"),
            Expr::MaxId(most) => by_id(*most, "<="),
            Expr::Captured(from, to) => Condition::new(
                format!(
                    "EXISTS (SELECT 1 FROM sighting s JOIN capture k ON k.id = s.capture WHERE s.post = {id} \
                     AND unixepoch(k.fetched_at) >= ? AND unixepoch(k.fetched_at) < ?)"
                ),
                [from.timestamp().into(), to.timestamp().into()],
            ),
            // Signs alone.
            Expr::Url(signs) => Condition::new(
                "EXISTS (SELECT 1 FROM json_each(p.links) WHERE instr(value ->> 'url', ?) > 0)",
                [signs.clone().into()],
            ),
            Expr::AtLeast(count, least) => {
                let column = match count {
                    Count::Likes => "p.likes",
                    Count::Reposts => "p.reposts",
                    Count::Replies => "p.replies",
                    Count::Quotes => "p.quotes",
                    Count::Views => "p.views",
                };
                Condition::new(format!("ifnull({column} >= ?, 0)"), [i64::try_from(*least).unwrap_or(i64::MAX).into()])
            }
            Expr::Job(job) => Condition::new(
                format!("EXISTS (SELECT 1 FROM post_job j WHERE j.job = ? AND j.post = {id})"),
                [job.clone().into()],
            ),
            Expr::Conversation(_) | Expr::QuotedIn(_) | Expr::State(State::Deleted) => {
                let list = self.listed(expr)?.unwrap_or_default();
                Condition::new(format!("{id} IN (SELECT value FROM json_each(?))"), [json_list(&list).into()])
            }
            // Every other leaf is exact.
            _ => Condition::new("0", []),
        })
    }

    /// The posts of a leaf that can only be listed one by one.
    pub(super) fn listed(&self, leaf: &Expr) -> rusqlite::Result<Option<Vec<i64>>> {
        Ok(Some(match leaf {
            Expr::Conversation(name) => named::conversation(self.db, name)?,
            Expr::State(State::Deleted) => deletion::all(self.db)?,
            Expr::QuotedIn(article) => desk::quoted_in(self.db, article)?,
            _ => return Ok(None),
        }))
    }

    fn joined(&self, parts: &[Expr], glue: &str) -> rusqlite::Result<Condition> {
        let parts: Vec<Condition> = parts.iter().map(|part| self.condition(part)).collect::<Result<_, _>>()?;
        let sql = parts.iter().map(|part| part.sql.as_str()).collect::<Vec<_>>().join(glue);
        Ok(Condition { sql: format!("({sql})"), params: parts.into_iter().flat_map(|part| part.params).collect() })
    }
}

/// Numbers of posts as a parameter.
pub(super) fn json_list(ids: &[i64]) -> String {
    serde_json::Value::from(ids.to_vec()).to_string()
}

/// A text as words of the index; `None` if there are none in it.
fn words(text: &str, begins: bool) -> Option<Expression> {
    let (words, cut) = fold::needle(text);
    (!words.is_empty()).then_some(Expression::Words(words, begins || cut))
}

/// Written at an instant or later; a post of which only the day is known, on its day or later.
fn since(id: &str, at: DateTime<FixedOffset>) -> Condition {
    let day = at.date_naive().and_time(NaiveTime::MIN).and_utc();
    let exact = from(id, at.to_utc());
    if day >= at.to_utc() {
        // No day begins between.
        return exact;
    }
    let Condition { sql, params } = exact;
    let sql = format!("({id} >= ? AND ({sql} OR {}))", is_day(id));
    Condition { sql, params: std::iter::once(floor(day).into()).chain(params).collect() }
}

/// Written before an instant; a post of which only the day is known, before that day, or on it if it has begun.
fn until(id: &str, at: DateTime<FixedOffset>) -> Condition {
    let date = at.date_naive();
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    let day = if at.time() == NaiveTime::MIN { date } else { next }.and_time(NaiveTime::MIN).and_utc();
    let (exact, by_day) = (before(id, at.to_utc()), before(id, day));
    if day == at.to_utc() {
        return exact;
    }
    let most = floor(day.max(at.to_utc()));
    let params = std::iter::once(most.into()).chain(by_day.params).chain(exact.params).collect();
    // The first condition bounds the walk.
    let sql = format!("({id} BETWEEN 0 AND ? AND iif({}, {}, {}))", is_day(id), by_day.sql, exact.sql);
    Condition { sql, params }
}

fn is_day(id: &str) -> String {
    format!("EXISTS (SELECT 1 FROM post d WHERE d.id = {id} AND d.created_precision = 'day')")
}

fn from(id: &str, at: DateTime<Utc>) -> Condition {
    if !needs_a_look(at) {
        return Condition::new(format!("{id} >= ?"), [floor(at).into()]);
    }
    let sql = format!("({id} >= ? AND EXISTS (SELECT 1 FROM post d WHERE d.id = {id} AND unixepoch(d.created) >= ?))");
    Condition::new(sql, [floor(at).into(), at.timestamp().into()])
}

fn before(id: &str, at: DateTime<Utc>) -> Condition {
    if !needs_a_look(at) {
        return Condition::new(format!("{id} BETWEEN 0 AND ?"), [(floor(at) - 1).into()]);
    }
    let sql = format!("({id} >= 0 AND EXISTS (SELECT 1 FROM post d WHERE d.id = {id} AND unixepoch(d.created) < ?))");
    Condition::new(sql, [at.timestamp().into()])
}

/// Compares ids that are numbers, of any length.
fn by_id(number: u64, sign: &str) -> Condition {
    let digits = number.to_string();
    let length = digits.len() as i64;
    let sql = format!(
        "ifnull(p.native_id NOT GLOB '*[^0-9]*' AND \
         iif(length(p.native_id) = ?, p.native_id {sign} ?, length(p.native_id) {sign} ?), 0)"
    );
    Condition::new(sql, [length.into(), digits.into(), length.into()])
}

/// The accounts that ever had this handle, with this server or with any, or have this native id.
pub(super) fn accounts(db: &Connection, handle: &Handle) -> rusqlite::Result<Vec<i64>> {
    // Every `bob@…` lies between `bob@` and `bobA`, the next character.
    db.prepare_cached(
        "SELECT account FROM account_name WHERE folded = ?1 \
         UNION SELECT account FROM account_name WHERE folded > ?1 || '@' AND folded < ?1 || 'A' \
         UNION SELECT id FROM account WHERE identity = ?2",
    )?
    .query_map(params![handle.folded(), handle.as_str()], |row| row.get(0))?
    .collect()
}
