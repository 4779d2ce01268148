//! Why a delivery is refused: two answers for the sender, one reason each for the log and the metric.

use thiserror::Error;

/// A delivery that does not get further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// 400: not a form that WeChat sends. Nothing here depends on a secret.
    #[error("malformed: {0}")]
    Malformed(#[from] MalformedReason),
    /// 403: not from WeChat, or not for this account. The answer is the same whatever the reason, so that it tells a
    /// forger nothing; the reason is for the log.
    #[error("forbidden: {0}")]
    Forbidden(#[from] ForbiddenReason),
}

/// What is wrong with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedReason {
    /// More query parameters than anybody needs.
    #[error("more than 32 query parameters")]
    TooManyParameters,
    /// A query parameter twice: two readers could understand it differently.
    #[error("a query parameter occurs twice")]
    DuplicateParameter,
    /// A `%` without two hex digits, or octets that are not UTF-8.
    #[error("a query parameter is not percent-encoded UTF-8")]
    PercentEncoding,
    /// The body is neither the XML nor the JSON that WeChat sends.
    #[error("the body is neither an <xml> element nor a JSON object, or holds what WeChat never sends")]
    Body,
}

/// What is missing for trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForbiddenReason {
    /// The verifier was built without this account.
    #[error("the account is not among those the verifier was built with; restart after changing accounts")]
    UnknownAccount,
    /// `timestamp`, `nonce` or the signature that this mode needs is missing or has not its shape.
    #[error(
        "timestamp, nonce or signature is missing or misshapen; a safe or compatible account needs msg_signature, \
         a plain one signature: compare the account's mode with WeChat's console"
    )]
    Unsigned,
    /// No token of the account gives this signature.
    #[error("the signature fits no token of this account; compare the token with WeChat's console")]
    Signature,
    /// Genuine, but from another time.
    #[error(
        "the timestamp is {skew_seconds} s behind this machine's clock (ahead when negative), outside the window; \
         check the clock (NTP) before suspecting a replay"
    )]
    Stale {
        /// Our clock minus WeChat's timestamp, in seconds.
        skew_seconds: i64,
    },
    /// A safe or compatible account got no ciphertext.
    #[error(
        "the push is not encrypted, but the account is in safe or compatible mode; compare with WeChat's console"
    )]
    Unencrypted,
    /// The ciphertext does not open. One reason for all causes: bad base64, length, padding, AppID.
    #[error(
        "the ciphertext does not open for this AppID; compare EncodingAESKey and AppID with WeChat's console"
    )]
    Envelope,
    /// `ToUserName` names somebody else.
    #[error(
        "the push is addressed to another account; compare the original id (gh_...) with WeChat's console"
    )]
    Addressee,
    /// The signature has vouched for something else before.
    #[error(
        "the signature came before with another timestamp, nonce or body: somebody repeats what they have seen"
    )]
    Replayed,
    /// The check of the URL came without a usable `echostr`.
    #[error("echostr is missing or longer than 64 bytes")]
    Echo,
}

impl Refusal {
    /// The value of the metric label `reason`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Malformed(MalformedReason::TooManyParameters) => "too_many_parameters",
            Self::Malformed(MalformedReason::DuplicateParameter) => "duplicate_parameter",
            Self::Malformed(MalformedReason::PercentEncoding) => "percent_encoding",
            Self::Malformed(MalformedReason::Body) => "body",
            Self::Forbidden(ForbiddenReason::UnknownAccount) => "unknown_account",
            Self::Forbidden(ForbiddenReason::Unsigned) => "unsigned",
            Self::Forbidden(ForbiddenReason::Signature) => "signature",
            Self::Forbidden(ForbiddenReason::Stale { .. }) => "stale",
            Self::Forbidden(ForbiddenReason::Unencrypted) => "unencrypted",
            Self::Forbidden(ForbiddenReason::Envelope) => "envelope",
            Self::Forbidden(ForbiddenReason::Addressee) => "addressee",
            Self::Forbidden(ForbiddenReason::Replayed) => "replayed",
            Self::Forbidden(ForbiddenReason::Echo) => "echo",
        }
    }
}
