//! WeChat's error codes (全局返回码) and what each asks of us.
//!
//! To add a code: one line in [`meaning`] if it asks for something new, one in [`hint`] if the operator can do something
//! about it. A code that stands in neither is a permanent refusal.

/// What a non-zero `errcode` asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// WeChat is busy: the same call may succeed in a moment.
    Busy,
    /// The access token is no longer good: get another one, and say the same again.
    StaleToken,
    /// This API must rest until the next minute.
    QuotaMinute,
    /// This API must rest until 00:00 in China.
    QuotaDay,
    /// No customer-service message can reach this person now: the window is closed, or they do not follow.
    WindowClosed,
    /// The window is open, and all its messages have been sent.
    WindowUsedUp,
    /// This person takes no messages from the account: blocked, refused, unfollowed, restricted.
    PersonRefuses,
    /// The account has no right to this API; the same for every person.
    NotAllowed,
    /// Not an OpenID of this account.
    WrongOpenId,
    /// Refused for good: repeating changes nothing.
    Permanent,
}

/// What `code` asks of us.
#[must_use]
pub fn meaning(code: i64) -> Meaning {
    match code {
        -1 => Meaning::Busy,
        40001 | 40014 | 42001 => Meaning::StaleToken,
        45011 => Meaning::QuotaMinute,
        45009 => Meaning::QuotaDay,
        45015 => Meaning::WindowClosed,
        45047 => Meaning::WindowUsedUp,
        43004 | 43019 | 43101 | 48002 | 50001 | 50002 | 50005 => Meaning::PersonRefuses,
        48001 | 48003 | 48004 | 48008 | 61007 => Meaning::NotAllowed,
        40003 | 46004 | 49003 => Meaning::WrongOpenId,
        _ => Meaning::Permanent,
    }
}

/// What to do about `code`, for the operator.
#[must_use]
pub fn hint(code: i64) -> &'static str {
    match code {
        40003 | 49003 => "this OpenID belongs to another account: check that app_id and original_id match",
        40013 => "invalid AppID: check app_id of this account",
        40001 | 40125 => {
            "wrong AppSecret: copy it again from 设置与开发 > 基本配置 into this account's secret"
        }
        40164 | 45035 | 61004 => {
            "this machine's address is not allowed: add its public IP to 设置与开发 > 基本配置 > IP白名单"
        }
        40243 => "the AppSecret is frozen: unfreeze it under 设置与开发 > 基本配置",
        41002 => "app_id is empty: fill it in for this account",
        41004 => "the AppSecret is empty: fill in this account's secret",
        43004 | 50005 => "the person does not follow the account",
        43019 => "the person is on the account's blacklist",
        43101 => "the person has not agreed to this message",
        45002 => "the message is longer than 2,048 bytes: shorten it in messages.toml",
        45015 => "the time to answer this person is over, or they no longer follow",
        45047 => "all messages that WeChat grants for this occasion have been sent",
        40007 => {
            "this media_id does not exist or is over: upload the picture again and put its media_id in messages.toml"
        }
        48001 => "the account has no right to this API: verify (认证) the account, or use a service account",
        48002 => "the person has blocked messages from the account",
        48004 => "WeChat has forbidden this API for irregularities: see mp.weixin.qq.com",
        48008 => "the account may not send messages of this type",
        50001 | 50002 => "WeChat has restricted this person or account",
        89501 | 89503 | 89506 | 89507 => {
            "WeChat holds this machine's address for risky: an administrator must confirm it in WeChat's message"
        }
        _ => "look the code up under 全局返回码 in WeChat's documentation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_codes_of_a_stale_token_ask_for_a_new_one() {
        for code in [40001, 40014, 42001] {
            assert_eq!(meaning(code), Meaning::StaleToken, "{code}");
        }
    }

    #[test]
    fn a_wrong_secret_and_a_missing_whitelist_entry_are_permanent_and_say_what_to_do() {
        for (code, word) in
            [(40125, "AppSecret"), (40164, "IP白名单"), (40013, "app_id"), (40243, "unfreeze")]
        {
            assert_eq!(meaning(code), Meaning::Permanent, "{code}");
            assert!(hint(code).contains(word), "{code}: {}", hint(code));
        }
    }

    #[test]
    fn a_code_that_nobody_knows_is_permanent() {
        assert_eq!(meaning(99_999), Meaning::Permanent);
        assert!(hint(99_999).contains("全局返回码"));
    }
}
