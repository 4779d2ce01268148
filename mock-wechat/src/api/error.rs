//! Error codes with WeChat's wording, and the envelope around them.

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
pub(crate) const INVALID_MEDIA_ID: ApiError = ApiError::code(40007);
pub(crate) const INVALID_MESSAGE_TYPE: ApiError = ApiError::code(40008);
pub(crate) const INVALID_APPID: ApiError = ApiError::code(40013);
pub(crate) const INVALID_CODE: ApiError = ApiError::code(40029);
pub(crate) const INVALID_OPENID_LIST: ApiError = ApiError::code(40031);
pub(crate) const INVALID_OPENID_LIST_SIZE: ApiError = ApiError::code(40032);
pub(crate) const INVALID_ARGS: ApiError = ApiError::code(40097);
pub(crate) const INVALID_REMARK: ApiError = ApiError::code(40092);
pub(crate) const INVALID_SECRET: ApiError = ApiError::code(40125);
pub(crate) const INVALID_SCENE: ApiError = ApiError::code(40129);
pub(crate) const CODE_USED: ApiError = ApiError::code(40163);
pub(crate) const TOKEN_MISSING: ApiError = ApiError::code(41001);
pub(crate) const APPID_MISSING: ApiError = ApiError::code(41002);
pub(crate) const SECRET_MISSING: ApiError = ApiError::code(41004);
pub(crate) const CODE_MISSING: ApiError = ApiError::code(41008);
pub(crate) const TOKEN_EXPIRED: ApiError = ApiError::code(42001);
pub(crate) const REQUIRE_GET: ApiError = ApiError::code(43001);
pub(crate) const REQUIRE_POST: ApiError = ApiError::code(43002);
pub(crate) const EMPTY_POST: ApiError = ApiError::code(44002);
pub(crate) const EMPTY_CONTENT: ApiError = ApiError::code(44004);
pub(crate) const CONTENT_TOO_LONG: ApiError = ApiError::code(45002);
pub(crate) const TOO_MANY_ARTICLES: ApiError = ApiError::code(45008);
pub(crate) const DAILY_QUOTA: ApiError = ApiError::code(45009);
pub(crate) const WINDOW_CLOSED: ApiError = ApiError::code(45015);
pub(crate) const WINDOW_EXHAUSTED: ApiError = ApiError::code(45047);
pub(crate) const INVALID_COMMAND: ApiError = ApiError::code(45072);
pub(crate) const INVALID_TYPE: ApiError = ApiError::code(45162);
pub(crate) const BAD_JSON: ApiError = ApiError::code(47001);
pub(crate) const UNAUTHORIZED: ApiError = ApiError::code(48001);
pub(crate) const INVALID_SIGNATURE: ApiError = ApiError::code(87009);

impl ApiError {
    /// An error with WeChat's usual wording.
    pub(crate) const fn code(code: i64) -> Self {
        Self { code, text: None }
    }

    /// A path that is not modelled: WeChat's "invalid url", naming it.
    pub(crate) fn unmodelled(method: &str, path: &str) -> Self {
        Self { code: 40066, text: Some(format!("invalid url: mock-wechat does not model {method} {path}")) }
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

fn text_of(code: i64) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == code).map_or("system error", |(_, text)| text)
}

/// Codes worth modelling, with the English wording that WeChat sends; "invalid meida size" is WeChat's spelling.
const TEXTS: &[(i64, &str)] = &[
    (-1, "system error"),
    (
        40001,
        "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
    ),
    (40002, "invalid grant_type"),
    (40003, "invalid openid"),
    (40004, "invalid media type"),
    (40005, "invalid file type"),
    (40006, "invalid meida size"),
    (40007, "invalid media_id"),
    (40008, "invalid message type"),
    (40013, "invalid appid"),
    (40014, "invalid access_token"),
    (40029, "invalid code"),
    (40030, "invalid refresh_token"),
    (40031, "invalid openid list"),
    (40032, "invalid openid list size"),
    (40033, "invalid charset. please check your request, if include \\uxxxx will create fail!"),
    (40035, "invalid args size"),
    (40037, "invalid template_id"),
    (40066, "invalid url"),
    (40092, "invalid remark"),
    (40097, "invalid args"),
    (40125, "invalid appsecret"),
    (40129, "invalid scene"),
    (40163, "code been used"),
    (40164, "invalid ip, not in whitelist"),
    (40226, "code blocked"),
    (40243, "appsecret frozen"),
    (41001, "access_token missing"),
    (41002, "appid missing"),
    (41003, "refresh_token missing"),
    (41004, "appsecret missing"),
    (41005, "media data missing"),
    (41006, "media_id missing"),
    (41008, "missing code"),
    (41009, "missing openid"),
    (41030, "invalid page"),
    (42001, "access_token expired"),
    (42002, "refresh_token expired"),
    (42003, "code expired"),
    (42007, "access_token and refresh_token exception"),
    (43001, "require GET method"),
    (43002, "require POST method"),
    (43003, "require https"),
    (43004, "require subscribe"),
    (43019, "require remove blacklist"),
    (43101, "user refuse to accept the msg"),
    (44001, "empty media data"),
    (44002, "empty post data"),
    (44003, "empty news data"),
    (44004, "empty content"),
    (45001, "media size out of limit"),
    (45002, "content size out of limit"),
    (45008, "article size out of limit"),
    (45009, "reach max api daily quota limit"),
    (45011, "api minute-quota reach limit, must slower, retry next minute"),
    (45015, "response out of time limit or subscription is canceled"),
    (45029, "qrcode count out of limit"),
    (45047, "out of response count limit"),
    (45065, "clientmsgid exist"),
    (45072, "invalid command"),
    (45080, "no interaction in the last 30 seconds"),
    (45081, "already typing"),
    (45162, "invalid type"),
    (46003, "menu no exist"),
    (46004, "user no exist"),
    (47001, "data format error"),
    (47003, "argument invalid!"),
    (48001, "api unauthorized"),
    (48002, "user block receive message"),
    (48004, "api forbidden for irregularities, view detail on mp.weixin.qq.com"),
    (48006, "forbid to clear quota because of reaching the limit"),
    (49003, "not match openid with appid"),
    (50001, "user unauthorized"),
    (50002, "user limited"),
    (50005, "user is unsubscribed"),
    (61023, "refresh_token is invalid"),
    (87009, "invalid signature"),
    (87014, "risky content"),
    (89002, "open not exists"),
];

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
