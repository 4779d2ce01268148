//! Error codes, and the envelope around WeChat's wording of them.

use std::net::IpAddr;

use super::errmsg::TEXTS;

/// An error by its code. The wording comes from [`TEXTS`] unless the case has its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: i64,
    text: Option<String>,
}

pub(crate) const SYSTEM_ERROR: ApiError = ApiError::code(-1);
pub(crate) const INVALID_CREDENTIAL: ApiError = ApiError::code(40001);
pub(crate) const INVALID_GRANT_TYPE: ApiError = ApiError::code(40002);
pub(crate) const INVALID_OPENID: ApiError = ApiError::code(40003);
pub(crate) const INVALID_MEDIA_TYPE: ApiError = ApiError::code(40004);
pub(crate) const INVALID_MEDIA_ID: ApiError = ApiError::code(40007);
pub(crate) const INVALID_MESSAGE_TYPE: ApiError = ApiError::code(40008);
pub(crate) const INVALID_TEMPLATE: ApiError = ApiError::code(40037);
pub(crate) const INVALID_APPID: ApiError = ApiError::code(40013);
pub(crate) const INVALID_CODE: ApiError = ApiError::code(40029);
pub(crate) const INVALID_OPENID_LIST: ApiError = ApiError::code(40031);
pub(crate) const INVALID_OPENID_LIST_SIZE: ApiError = ApiError::code(40032);
pub(crate) const INVALID_ARGS: ApiError = ApiError::code(40097);
pub(crate) const INVALID_REMARK: ApiError = ApiError::code(40092);
pub(crate) const MISSING_PARAMETER: ApiError = ApiError::code(40101);
pub(crate) const INVALID_SECRET: ApiError = ApiError::code(40125);
pub(crate) const INVALID_SCENE: ApiError = ApiError::code(40129);
pub(crate) const CODE_USED: ApiError = ApiError::code(40163);
pub(crate) const NO_MESSAGE_MENU: ApiError = ApiError::code(40200);
pub(crate) const SECRET_FROZEN: ApiError = ApiError::code(40243);
pub(crate) const TOKEN_MISSING: ApiError = ApiError::code(41001);
pub(crate) const APPID_MISSING: ApiError = ApiError::code(41002);
pub(crate) const SECRET_MISSING: ApiError = ApiError::code(41004);
pub(crate) const MEDIA_DATA_MISSING: ApiError = ApiError::code(41005);
pub(crate) const MEDIA_ID_MISSING: ApiError = ApiError::code(41006);
pub(crate) const CODE_MISSING: ApiError = ApiError::code(41008);
pub(crate) const OPENID_MISSING: ApiError = ApiError::code(41009);
pub(crate) const REFRESH_TOKEN_MISSING: ApiError = ApiError::code(41003);
pub(crate) const COMPONENT_APPID_MISSING: ApiError = ApiError::code(41018);
pub(crate) const COMPONENT_SECRET_MISSING: ApiError = ApiError::code(41019);
pub(crate) const TICKET_MISSING: ApiError = ApiError::code(41020);
pub(crate) const COMPONENT_TOKEN_MISSING: ApiError = ApiError::code(41021);
pub(crate) const INVALID_PAGE: ApiError = ApiError::code(41030);
pub(crate) const TOKEN_EXPIRED: ApiError = ApiError::code(42001);
pub(crate) const COMPONENT_TOKEN_EXPIRED: ApiError = ApiError::code(42006);
pub(crate) const REQUIRE_GET: ApiError = ApiError::code(43001);
pub(crate) const REQUIRE_POST: ApiError = ApiError::code(43002);
pub(crate) const REQUIRE_SUBSCRIBE: ApiError = ApiError::code(43004);
pub(crate) const REFUSED: ApiError = ApiError::code(43101);
pub(crate) const EMPTY_POST: ApiError = ApiError::code(44002);
pub(crate) const EMPTY_NEWS: ApiError = ApiError::code(44003);
pub(crate) const EMPTY_CONTENT: ApiError = ApiError::code(44004);
pub(crate) const CONTENT_TOO_LONG: ApiError = ApiError::code(45002);
pub(crate) const TOO_MANY_ARTICLES: ApiError = ApiError::code(45008);
pub(crate) const DAILY_QUOTA: ApiError = ApiError::code(45009);
pub(crate) const MINUTE_QUOTA: ApiError = ApiError::code(45011);
pub(crate) const WINDOW_CLOSED: ApiError = ApiError::code(45015);
pub(crate) const TOO_MANY_CODES: ApiError = ApiError::code(45029);
pub(crate) const WINDOW_EXHAUSTED: ApiError = ApiError::code(45047);
pub(crate) const INVALID_COMMAND: ApiError = ApiError::code(45072);
pub(crate) const NO_INTERACTION: ApiError = ApiError::code(45080);
pub(crate) const ALREADY_TYPING: ApiError = ApiError::code(45081);
pub(crate) const INVALID_TYPE: ApiError = ApiError::code(45162);
pub(crate) const NO_MENU: ApiError = ApiError::code(46003);
pub(crate) const INVALID_TAG_NAME: ApiError = ApiError::code(45157);
pub(crate) const INVALID_TAG: ApiError = ApiError::code(45159);
pub(crate) const CLEARINGS_USED: ApiError = ApiError::code(48006);
pub(crate) const FOREIGN_OPENID: ApiError = ApiError::code(49003);
pub(crate) const BAD_JSON: ApiError = ApiError::code(47001);
pub(crate) const UNAUTHORIZED: ApiError = ApiError::code(48001);
pub(crate) const FORBIDDEN: ApiError = ApiError::code(48004);
pub(crate) const LIMITED: ApiError = ApiError::code(50002);
pub(crate) const NOT_AUTHORIZED_BY_ACCOUNT: ApiError = ApiError::code(61003);
pub(crate) const ADDRESS_NOT_REGISTERED: ApiError = ApiError::code(61004);
pub(crate) const TICKET_EXPIRED: ApiError = ApiError::code(61005);
pub(crate) const INVALID_TICKET: ApiError = ApiError::code(61006);
pub(crate) const NOT_ALLOWED_TO_COMPONENT: ApiError = ApiError::code(61007);
pub(crate) const INVALID_AUTH_CODE: ApiError = ApiError::code(61009);
pub(crate) const AUTH_CODE_EXPIRED: ApiError = ApiError::code(61010);
pub(crate) const INVALID_COMPONENT: ApiError = ApiError::code(61011);
pub(crate) const INVALID_OPTION_NAME: ApiError = ApiError::code(61012);
pub(crate) const INVALID_OPTION_VALUE: ApiError = ApiError::code(61013);
pub(crate) const NEEDS_COMPONENT_TOKEN: ApiError = ApiError::code(61014);
pub(crate) const NEEDS_ACCOUNT_TOKEN: ApiError = ApiError::code(61015);
pub(crate) const INVALID_REFRESH_TOKEN: ApiError = ApiError::code(61023);
pub(crate) const NEEDS_COMPONENT_API: ApiError = ApiError::code(61024);
pub(crate) const INVALID_PATH: ApiError = ApiError::code(76003);
pub(crate) const UNKNOWN_PATH: ApiError = ApiError::code(76021);
pub(crate) const INVALID_SIGNATURE: ApiError = ApiError::code(87009);

pub(crate) const NOT_BOUND: ApiError = ApiError::code(89002);
pub(crate) const INVALID_ORDER: ApiError = ApiError::code(89300);

impl ApiError {
    /// An error with WeChat's usual wording.
    pub(crate) const fn code(code: i64) -> Self {
        Self { code, text: None }
    }

    /// A path that is not modelled: WeChat's "invalid url", naming it.
    pub(crate) fn unmodelled(method: &str, path: &str) -> Self {
        Self { code: 40066, text: Some(format!("invalid url: mock-wechat does not model {method} {path}")) }
    }

    /// An address that the white list does not have, written in both ways as WeChat does.
    pub(crate) fn not_in_whitelist(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let ipv6 = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        Self { code: 40164, text: Some(format!("invalid ip {address} ipv6 {ipv6}, not in whitelist")) }
    }

    /// An argument that does not fit, named as WeChat names it.
    pub(crate) fn argument(name: &str) -> Self {
        Self { code: 47003, text: Some(format!("argument invalid! {name} invalid")) }
    }

    /// The body as WeChat writes it: `/cgi-bin` puts a blank before the rid, `/sns` a comma.
    pub(crate) fn body(&self, path: &str, rid: &str) -> String {
        let sns = path.starts_with("/sns/");
        let text = match (&self.text, self.code) {
            (Some(text), _) => text,
            // Only here do the two families differ in words.
            (None, 40001) if sns => "invalid credential, access_token is invalid or not latest",
            (None, code) => text_of(code),
        };
        let separator = if sns { ", " } else { " " };
        let message = serde_json::Value::from(format!("{text}{separator}rid: {rid}"));
        format!("{{\"errcode\":{},\"errmsg\":{message}}}", self.code)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text.as_deref().unwrap_or_else(|| text_of(self.code)))
    }
}

fn text_of(code: i64) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == code).map_or("system error", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_families_write_the_rid_differently() {
        let rid = "6aac005a-00000000-00000001";
        assert_eq!(
            INVALID_SECRET.body("/cgi-bin/token", rid),
            r#"{"errcode":40125,"errmsg":"invalid appsecret rid: 6aac005a-00000000-00000001"}"#
        );
        assert_eq!(
            INVALID_SECRET.body("/sns/jscode2session", rid),
            r#"{"errcode":40125,"errmsg":"invalid appsecret, rid: 6aac005a-00000000-00000001"}"#
        );
        assert!(INVALID_CREDENTIAL.body("/cgi-bin/user/info", rid).contains("getStableAccessToken"));
        assert!(!INVALID_CREDENTIAL.body("/sns/userinfo", rid).contains("getStableAccessToken"));
    }

    #[test]
    fn every_code_stands_in_the_table_once() {
        for (i, (code, _)) in TEXTS.iter().enumerate() {
            assert!(!TEXTS[..i].iter().any(|(earlier, _)| earlier == code), "{code} twice");
        }
    }
}
