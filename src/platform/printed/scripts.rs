//! The scripts of a page: what a site's own program shows is often written there, as JSON.

use serde_json::Value;

/// The scripts of a page in order: what stands in the tag, and what it holds. The page is not parsed: a browser ends a
/// script at the first closing tag, too.
pub fn scripts(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once("<script")?;
            let (tag, after) = after.split_once('>')?;
            let (inside, after) = after.split_once("</script")?;
            rest = after;
            if tag.is_empty() || tag.starts_with(|c: char| c.is_ascii_whitespace()) {
                return Some((tag, inside));
            }
        }
    })
}

/// The JSON that the script of that `id` holds.
pub fn of_id(page: &str, id: &str) -> Option<Value> {
    let (double, single) = (format!("id=\"{id}\""), format!("id='{id}'"));
    let (_, inside) = scripts(page).find(|(tag, _)| tag.contains(&double) || tag.contains(&single))?;
    serde_json::from_str(inside.trim()).ok()
}

/// The JSON that a script assigns to a name, or hands to a function of it: what begins at the first `{` behind it.
pub fn behind(script: &str, name: &str) -> Option<Value> {
    /// Between the two stand an equals sign, or a bracket and an address.
    const NEAR: usize = 300;
    let (_, after) = script.split_once(name)?;
    let at = after.find('{').filter(|at| *at < NEAR)?;
    serde_json::Deserializer::from_str(&after[at..]).into_iter().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_by_id_and_by_name() {
        let page = "<scripts id=\"a\">{}</scripts><script type=x id='a'> {\"b\":1} </script\
                    ><script>window._a = {\"b\":\"</scr\"};f()</script><script>";
        assert_eq!(of_id(page, "a"), Some(serde_json::json!({ "b": 1 })));
        assert_eq!(of_id(page, "b"), None);
        let found: Vec<&str> = scripts(page).map(|(_, inside)| inside).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(behind(found[1], "window._a"), Some(serde_json::json!({ "b": "</scr" })));
        assert_eq!(behind(found[1], "window._b"), None);
    }
}
