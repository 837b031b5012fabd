//! Reading JSON whose parts may be of any shape: records are written by clients of all kinds, and one odd field must
//! not cost the post.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A part as what it should be; `None` if it is missing or something else.
pub fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// A part as an object with these members. A list is none: it would be taken for the members in their order.
pub fn object<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    part(raw.filter(|raw| raw.get().starts_with('{')))
}

/// The items of a list, each still unread; none if it is missing or no list.
pub fn items(raw: Option<&RawValue>) -> Vec<&RawValue> {
    part(raw).unwrap_or_default()
}

/// A text that says something.
pub fn words(raw: Option<&RawValue>) -> Option<String> {
    part::<String>(raw).filter(|text| !text.is_empty())
}

/// What the server said when it refused: `Name: message` of its JSON, else the beginning of the body, as one line.
pub fn refusal(body: &str) -> String {
    #[derive(Deserialize)]
    struct Fault {
        error: String,
        message: Option<String>,
    }
    let said = match serde_json::from_str::<Fault>(body) {
        Ok(Fault { error, message: Some(message) }) => format!("{error}: {message}"),
        Ok(Fault { error, message: None }) => error,
        Err(_) => body.to_owned(),
    };
    let line: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    line.trim().to_owned()
}
