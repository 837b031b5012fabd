//! Credentials: names of environment variables, whose values are read here and nowhere else.

use crate::exchange::{Session, TokenPlace};

use super::error::HttpError;
use super::secret::Secrets;

/// How a request named `auth` proves who asks. Holds names only, never a value.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A token that was given ready-made.
    Token {
        /// Environment variable that holds it.
        env: String,
        /// Where it stands in a request.
        place: TokenPlace,
        /// Base address of the server that it belongs to, the only one it is sent to.
        server: String,
    },
    /// An identifier and a password that a log-in trades for tokens.
    Password {
        /// Environment variable that holds the identifier.
        identifier_env: String,
        /// Environment variable that holds the password.
        password_env: String,
        /// The platform's log-in.
        session: Session,
        /// Base address of the server that gives the tokens, the only one they are sent to.
        server: String,
    },
}

/// What a request proves with who asks. It has no `Debug`: it must not reach a log.
pub(super) enum Proof {
    /// A token, and where it stands.
    Token(String, TokenPlace),
    /// Identifier and password in the form of RFC 7617, encoded.
    Basic(String),
}

impl Proof {
    /// A token of a session.
    pub(super) fn bearer(token: &str) -> Proof {
        Proof::Token(token.to_owned(), TokenPlace::Bearer)
    }
}

impl Credential {
    /// Base address of the one server that it belongs to.
    pub fn server(&self) -> &str {
        match self {
            Credential::Token { server, .. } | Credential::Password { server, .. } => server,
        }
    }
}

/// Reads the variable that a credential names, and has its value masked from then on if `secret`.
pub(super) fn read(
    env: fn(&str) -> Option<String>,
    credential: &str,
    variable: &str,
    secret: Option<&Secrets>,
) -> Result<String, HttpError> {
    let fail = |why| Err(HttpError::Variable { credential: credential.to_owned(), variable: variable.to_owned(), why });
    let Some(value) = env(variable) else { return fail("not set") };
    // A value that was read from a file often brings the file's last line break.
    let value = value.trim();
    if let Some(secrets) = secret {
        secrets.add(value);
    }
    match value {
        "" => fail("empty"),
        value if value.chars().any(char::is_control) => fail("not printable"),
        value => Ok(value.to_owned()),
    }
}
