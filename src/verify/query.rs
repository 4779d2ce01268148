//! The query string of a callback.

use std::borrow::Cow;
use std::fmt;

use super::MalformedReason;
use super::Refusal;

/// No genuine callback has more than seven; what the operator put into the URL comes on top.
const MOST: usize = 32;

/// WeChat's parameters. Others, which an operator may have put into the URL, are passed over.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Over token, timestamp and nonce. Always sent; proves nothing about the body.
    pub signature: Option<String>,
    /// Unix seconds.
    pub timestamp: Option<String>,
    /// Random text.
    pub nonce: Option<String>,
    /// `aes`, or `raw` or absent for plaintext. Not authenticated: the account's mode decides.
    pub encrypt_type: Option<String>,
    /// Over token, timestamp, nonce and ciphertext.
    pub msg_signature: Option<String>,
    /// What the check of the URL wants back.
    pub echostr: Option<String>,
    /// `FromUserName` once more. Not authenticated.
    pub openid: Option<String>,
}

impl Query {
    /// Reads a query string as it stands in the request line, without `?`. As in a form, `+` is a blank.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a parameter that occurs twice, more than 32 of them, and bad percent-encoding.
    pub fn parse(raw_query: &str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        let mut names: [&str; MOST] = [""; MOST];
        let pairs = raw_query.split('&').filter(|pair| !pair.is_empty());
        for (count, pair) in pairs.enumerate() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            *names.get_mut(count).ok_or(MalformedReason::TooManyParameters)? = name;
            if names[..count].contains(&name) {
                return Err(MalformedReason::DuplicateParameter.into());
            }
            let place = match decoded(name)?.as_ref() {
                "signature" => &mut query.signature,
                "timestamp" => &mut query.timestamp,
                "nonce" => &mut query.nonce,
                "encrypt_type" => &mut query.encrypt_type,
                "msg_signature" => &mut query.msg_signature,
                "echostr" => &mut query.echostr,
                "openid" => &mut query.openid,
                _ => {
                    decoded(value)?;
                    continue;
                }
            };
            if place.replace(decoded(value)?.into_owned()).is_some() {
                return Err(MalformedReason::DuplicateParameter.into());
            }
        }
        Ok(query)
    }
}

/// Shows which parameters there are: the values hold an OpenID and signatures that may still be fresh.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            ("signature", &self.signature),
            ("timestamp", &self.timestamp),
            ("nonce", &self.nonce),
            ("encrypt_type", &self.encrypt_type),
            ("msg_signature", &self.msg_signature),
            ("echostr", &self.echostr),
            ("openid", &self.openid),
        ];
        f.debug_set()
            .entries(named.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name))
            .finish()
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, MalformedReason> {
    // Without stopping at the first, which lets the compiler look at many octets at a time.
    if !text.bytes().fold(false, |any, b| any | (b == b'%') | (b == b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex_digit).ok_or(MalformedReason::PercentEncoding)?;
                let low = rest.next().and_then(hex_digit).ok_or(MalformedReason::PercentEncoding)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| MalformedReason::PercentEncoding)
}

fn hex_digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_come_in_any_order_and_among_others() {
        let query =
            Query::parse("tenant=7&nonce=12&echostr=4375&&timestamp=1714036504&signature=ab&x").unwrap();

        assert_eq!(query.nonce.as_deref(), Some("12"));
        assert_eq!(query.echostr.as_deref(), Some("4375"));
        assert_eq!(query.timestamp.as_deref(), Some("1714036504"));
        assert_eq!(query.signature.as_deref(), Some("ab"));
        assert_eq!(query.msg_signature, None);
    }

    #[test]
    fn values_are_percent_decoded() {
        let query = Query::parse("echostr=a%2Bb%2f%E4%BD%A0+c").unwrap();

        assert_eq!(query.echostr.as_deref(), Some("a+b/你 c"));
    }

    #[test]
    fn a_parameter_that_occurs_twice_is_refused_however_it_is_written() {
        for raw in ["nonce=1&nonce=1", "nonce=1&timestamp=2&nonce=3", "x=1&x=2", "nonce=1&%6eonce=2", "a&a"] {
            assert_eq!(Query::parse(raw), Err(MalformedReason::DuplicateParameter.into()), "{raw}");
        }
    }

    #[test]
    fn bad_percent_encoding_is_refused() {
        for raw in ["nonce=%", "nonce=%4", "nonce=%zz", "nonce=%+1", "nonce=%ff", "other=%ff", "%=1"] {
            assert_eq!(Query::parse(raw), Err(MalformedReason::PercentEncoding.into()), "{raw}");
        }
    }

    #[test]
    fn thirty_two_parameters_pass_and_one_more_is_refused() {
        let many = |n: usize| (0..n).map(|i| format!("p{i}={i}")).collect::<Vec<_>>().join("&");

        assert!(Query::parse(&many(32)).is_ok());
        assert_eq!(Query::parse(&many(33)), Err(MalformedReason::TooManyParameters.into()));
        assert_eq!(Query::parse(&many(10_000)), Err(MalformedReason::TooManyParameters.into()));
    }

    #[test]
    fn debug_shows_no_value() {
        let query = Query::parse("openid=oABCDEF&signature=5ec7e7").unwrap();

        assert_eq!(format!("{query:?}"), r#"{"signature", "openid"}"#);
    }
}
