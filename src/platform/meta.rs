//! What the platforms of one company share: objects that their web clients get, which have the same members on each.

use serde_json::Value;

use super::json::{id, words};
use crate::model::{Author, Handle, Media};

/// The account in `user` or `owner`; `profile` makes the address of its page.
pub fn account(user: &Value, profile: impl Fn(&Handle) -> String) -> Author {
    let handle = words(user, "username").and_then(Handle::new);
    let flags = [("verified", user["is_verified"] == true), ("locked", user["is_private"] == true)];
    Author {
        id: ["pk", "id", "pk_id"].iter().find_map(|name| id(&user[*name])),
        url: handle.as_ref().map(profile),
        handle,
        name: user["full_name"].as_str().map(str::to_owned),
        flags: flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect(),
    }
}

/// What is attached to an object: one picture or film, or several in a carousel. What the platform itself says is to be
/// seen there is no description by the author, and is left out.
pub fn media(item: &Value) -> Vec<Media> {
    match item["carousel_media"].as_array() {
        Some(list) if !list.is_empty() => list.iter().filter_map(one).collect(),
        _ => one(item).into_iter().collect(),
    }
}

fn one(item: &Value) -> Option<Media> {
    let size = |name: &str| item[name].as_u64().and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
    let film = words(&item["video_versions"][0], "url");
    let picture = words(&item["image_versions2"]["candidates"][0], "url");
    let sound = words(&item["audio"], "audio_src");
    let (kind, url) = match (item["media_type"].as_u64(), film, picture, sound) {
        (_, Some(film), ..) => ("video", Some(film)),
        (Some(2), ..) => ("video", None),
        (.., Some(sound)) => ("audio", Some(sound)),
        (_, _, Some(picture), _) => ("image", Some(picture)),
        (Some(1), ..) => ("image", None),
        _ => return None,
    };
    Some(Media {
        url: url.map(str::to_owned),
        kind: kind.to_owned(),
        width: size("original_width"),
        height: size("original_height"),
        ..Media::default()
    })
}

/// The code under which a post stands in addresses: its number, written with 64 signs.
pub fn code(number: &str) -> Option<String> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Behind the number of a post may stand that of its account.
    let mut number: u64 = number.split('_').next()?.parse().ok().filter(|number| *number > 0)?;
    let mut code = Vec::new();
    while number > 0 {
        code.push(char::from(SIGNS[(number % 64) as usize]));
        number /= 64;
    }
    Some(code.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_code() {
        // From <https://github.com/meedan/pender>, an answer of 2022.
        assert_eq!(code("2911295595251935837_52222405344").as_deref(), Some("Chm_-tPJqpd"));
        assert_eq!(code("2911295595251935837").as_deref(), Some("Chm_-tPJqpd"));
        for number in ["0", "", "x", "99999999999999999999999"] {
            assert_eq!(code(number), None, "{number}");
        }
    }
}
