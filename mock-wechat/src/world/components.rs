//! Third-party platforms (第三方平台; "components" on the wire): the tickets that WeChat gives them every ten minutes,
//! and the accounts that have authorised them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, VecDeque},
};

use serde::{Deserialize, Serialize};

use super::{account::Kind, saved};
use crate::ids;

/// Seconds from one ticket to the next.
pub(crate) const TICKET_EVERY: i64 = 600;
/// Seconds for which a ticket is taken.
const TICKET_LIFE: i64 = 12 * 3600;
/// Seconds for which a page of authorisation can be opened.
pub(crate) const PRE_AUTH_LIFE: i64 = 600;
/// Seconds for which an authorisation can be asked about.
pub(crate) const AUTH_CODE_LIFE: i64 = 3600;
/// Tickets that are remembered: half a day's, and some, so that an old one is told from an unknown one.
const TICKETS: usize = 144;

/// All third-party platforms, by AppID.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Components {
    of: BTreeMap<String, Component>,
    /// What an account's switches are set to.
    #[serde(with = "saved::pairs")]
    options: HashMap<(String, Cow<'static, str>), String>,
    issued: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Component {
    /// With the time of issue, newest last; none before the first start.
    tickets: VecDeque<(String, i64)>,
    #[serde(serialize_with = "saved::sorted")]
    pre_auth_codes: HashMap<String, i64>,
    #[serde(serialize_with = "saved::sorted")]
    auth_codes: HashMap<String, AuthCode>,
    authorizations: BTreeMap<String, Authorization>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AuthCode {
    authorizer: String,
    expires_at: i64,
    used: bool,
}

/// What an account allows a third-party platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Authorization {
    pub(crate) refresh_token: String,
    /// Ids of permission sets (权限集).
    pub(crate) functions: Vec<u32>,
    /// Unix seconds.
    pub(crate) since: i64,
}

/// What came of an authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorized {
    pub(crate) code: String,
    /// Unix seconds.
    pub(crate) expires_at: i64,
    /// What the third-party platform is told; nothing when the permissions are what they were.
    pub(crate) told: Option<&'static str>,
}

/// Why a code or a ticket is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    Unknown,
    Expired,
}

impl Components {
    /// A new ticket; from now on there is one every ten minutes.
    pub(crate) fn ticket(&mut self, component: &str, now: i64) -> String {
        let ticket = self.opaque("ticket@@@", 80, component);
        let tickets = &mut self.of.entry(component.to_owned()).or_default().tickets;
        if tickets.len() == TICKETS {
            tickets.pop_front();
        }
        tickets.push_back((ticket.clone(), now));
        ticket
    }

    /// The ticket that was given last.
    pub(crate) fn last_ticket(&self, component: &str) -> Option<&str> {
        self.of.get(component)?.tickets.back().map(|(ticket, _)| ticket.as_str())
    }

    /// Seconds until somebody's next ticket; 0 when it should be there already.
    pub(crate) fn next_ticket_in(&self, now: i64) -> Option<i64> {
        self.of.values().filter_map(|component| component.next_ticket_in(now)).min()
    }

    /// Who should have a ticket by now.
    pub(crate) fn waiting_for_tickets(&self, now: i64) -> Vec<String> {
        let waits = |component: &Component| component.next_ticket_in(now) == Some(0);
        self.of.iter().filter(|(_, c)| waits(c)).map(|(app_id, _)| app_id.clone()).collect()
    }

    pub(crate) fn check_ticket(&self, component: &str, ticket: &str, now: i64) -> Result<(), Stale> {
        let mut tickets = self.of.get(component).into_iter().flat_map(|component| &component.tickets);
        let (_, issued) = tickets.find(|(known, _)| known == ticket).ok_or(Stale::Unknown)?;
        if now - issued < TICKET_LIFE { Ok(()) } else { Err(Stale::Expired) }
    }

    pub(crate) fn pre_auth_code(&mut self, component: &str, now: i64) -> String {
        let code = self.opaque("preauthcode@@@", 86, component);
        let codes = &mut self.of.entry(component.to_owned()).or_default().pre_auth_codes;
        codes.retain(|_, expires_at| now < *expires_at);
        codes.insert(code.clone(), now + PRE_AUTH_LIFE);
        code
    }

    /// Whether a page of authorisation may be shown for this code.
    pub(crate) fn knows_pre_auth_code(&self, component: &str, code: &str, now: i64) -> bool {
        let expires_at = self.of.get(component).and_then(|component| component.pre_auth_codes.get(code));
        expires_at.is_some_and(|expires_at| now < *expires_at)
    }

    /// An account authorises a third-party platform, or changes what it may do.
    pub(crate) fn authorize(
        &mut self,
        component: &str,
        authorizer: &str,
        functions: &[u32],
        now: i64,
    ) -> Authorized {
        let code = self.opaque("queryauthcode@@@", 86, component);
        let refresh_token = self.opaque("refreshtoken@@@", 43, component);
        let of = self.of.entry(component.to_owned()).or_default();
        let told = match of.authorizations.get_mut(authorizer) {
            Some(known) if known.functions == functions => None,
            Some(known) => {
                known.functions = functions.to_vec();
                Some("updateauthorized")
            }
            None => {
                let new = Authorization { refresh_token, functions: functions.to_vec(), since: now };
                of.authorizations.insert(authorizer.to_owned(), new);
                Some("authorized")
            }
        };
        let expires_at = now + AUTH_CODE_LIFE;
        let auth_code = AuthCode { authorizer: authorizer.to_owned(), expires_at, used: false };
        of.auth_codes.insert(code.clone(), auth_code);
        Authorized { code, expires_at, told }
    }

    /// Uses an authorisation's code up; whose it was.
    pub(crate) fn redeem(&mut self, component: &str, code: &str, now: i64) -> Result<String, Stale> {
        let of = self.of.get_mut(component).ok_or(Stale::Unknown)?;
        let code = of.auth_codes.get_mut(code).ok_or(Stale::Unknown)?;
        if code.used || now >= code.expires_at {
            return Err(Stale::Expired);
        }
        code.used = true;
        Ok(code.authorizer.clone())
    }

    /// The account withdraws what it had allowed. `false` when there was nothing.
    pub(crate) fn unauthorize(&mut self, component: &str, authorizer: &str) -> bool {
        let Some(of) = self.of.get_mut(component) else { return false };
        of.auth_codes.retain(|_, code| code.authorizer != authorizer);
        of.authorizations.remove(authorizer).is_some()
    }

    pub(crate) fn authorization(&self, component: &str, authorizer: &str) -> Option<&Authorization> {
        self.of.get(component)?.authorizations.get(authorizer)
    }

    /// The accounts that authorised a third-party platform, by AppID.
    pub(crate) fn authorizations(&self, component: &str) -> impl Iterator<Item = (&str, &Authorization)> {
        let of = self.of.get(component).into_iter();
        of.flat_map(|of| &of.authorizations).map(|(app_id, authorization)| (app_id.as_str(), authorization))
    }

    /// The third-party platforms that an account has authorised to deal with its messages, by AppID.
    pub(crate) fn messengers(&self, authorizer: &str, kind: Kind) -> impl Iterator<Item = &str> {
        let function = function_of("/cgi-bin/message/custom/send", kind);
        self.of.iter().filter_map(move |(app_id, of)| {
            let functions = &of.authorizations.get(authorizer)?.functions;
            function.is_none_or(|id| functions.contains(&id)).then_some(app_id.as_str())
        })
    }

    /// What one of [`OPTIONS`] is set to for an account.
    pub(crate) fn option(&self, authorizer: &str, name: &'static str) -> &str {
        self.options.get(&(authorizer.to_owned(), name.into())).map_or("0", String::as_str)
    }

    pub(crate) fn set_option(&mut self, authorizer: &str, name: &'static str, value: &str) {
        self.options.insert((authorizer.to_owned(), name.into()), value.to_owned());
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.of.remove(app_id);
        self.options.retain(|(of, _), _| of != app_id);
        for component in self.of.values_mut() {
            component.authorizations.remove(app_id);
            component.auth_codes.retain(|_, code| code.authorizer != app_id);
        }
    }

    fn opaque(&mut self, prefix: &str, length: usize, component: &str) -> String {
        self.issued += 1;
        format!("{prefix}{}", ids::opaque(length, &[prefix, component, &self.issued.to_string()]))
    }
}

impl Component {
    /// A clock that was set back does not make it wait longer.
    fn next_ticket_in(&self, now: i64) -> Option<i64> {
        let (_, last) = self.tickets.back()?;
        let passed = now - last;
        Some(if (0..TICKET_EVERY).contains(&passed) { TICKET_EVERY - passed } else { 0 })
    }
}

/// Switches of an account that a third-party platform may set, and the values that each takes.
pub(crate) const OPTIONS: &[(&str, &[&str])] = &[
    ("location_report", &["0", "1", "2"]),
    ("voice_recognize", &["0", "1"]),
    ("customer_service", &["0", "1"]),
];

/// The permission sets (权限集) that an account of this kind can give, with WeChat's names.
pub(crate) fn functions(kind: Kind) -> &'static [(u32, &'static str)] {
    match kind {
        Kind::OfficialAccount => &[
            (1, "消息管理"),
            (2, "用户管理"),
            (3, "帐号服务"),
            (4, "网页服务"),
            (7, "群发与通知"),
            (11, "素材管理"),
            (15, "自定义菜单"),
            (24, "开放平台帐号管理"),
        ],
        Kind::MiniProgram => {
            &[(17, "帐号管理"), (18, "开发管理与数据分析"), (19, "客服消息管理"), (25, "开放平台帐号管理")]
        }
        Kind::Component => &[],
    }
}

/// The permission set without which an API answers 61007; `None` for what every set includes.
pub(crate) fn function_of(path: &str, kind: Kind) -> Option<u32> {
    let official: &[(&str, u32)] = &[
        ("/cgi-bin/message/custom/", 1),
        ("/cgi-bin/user/", 2),
        ("/cgi-bin/tags/", 2),
        ("/cgi-bin/qrcode/", 3),
        ("/cgi-bin/shorten/", 3),
        ("/cgi-bin/ticket/", 4),
        ("/sns/oauth2/component/", 4),
        ("/cgi-bin/message/", 7),
        ("/cgi-bin/template/", 7),
        ("/wxaapi/newtmpl/", 7),
        ("/cgi-bin/media/", 11),
        ("/cgi-bin/material/", 11),
        ("/cgi-bin/menu/", 15),
        ("/cgi-bin/get_current_selfmenu_info", 15),
        ("/cgi-bin/open/", 24),
    ];
    let mini_program: &[(&str, u32)] = &[
        ("/cgi-bin/message/custom/", 19),
        ("/sns/component/jscode2session", 18),
        ("/wxa/", 18),
        ("/wxaapi/newtmpl/", 18),
        ("/cgi-bin/message/subscribe/", 18),
        ("/cgi-bin/open/", 25),
    ];
    let table = match kind {
        Kind::OfficialAccount => official,
        Kind::MiniProgram => mini_program,
        Kind::Component => &[],
    };
    table.iter().find(|(beginning, _)| path.starts_with(beginning)).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_000;

    #[test]
    fn a_ticket_comes_every_ten_minutes_and_is_taken_for_twelve_hours() {
        let mut components = Components::default();
        assert_eq!(components.next_ticket_in(NOW), None, "nothing before the first start");
        let first = components.ticket("wxc", NOW);

        assert_eq!(components.next_ticket_in(NOW + 100), Some(500));
        assert!(components.waiting_for_tickets(NOW + 599).is_empty());
        assert_eq!(components.waiting_for_tickets(NOW + 600), ["wxc"]);
        assert_eq!(components.waiting_for_tickets(NOW - 5), ["wxc"], "the clock was set back");
        assert_eq!(components.check_ticket("wxc", &first, NOW + TICKET_LIFE - 1), Ok(()));
        assert_eq!(components.check_ticket("wxc", &first, NOW + TICKET_LIFE), Err(Stale::Expired));
        assert_eq!(components.check_ticket("wxd", &first, NOW), Err(Stale::Unknown));
    }

    #[test]
    fn an_authorisation_tells_what_changed_and_a_new_one_has_a_new_refresh_token() {
        let mut components = Components::default();
        let told = |components: &mut Components, functions: &[u32]| {
            components.authorize("wxc", "wx1", functions, NOW).told
        };
        let refresh = |components: &Components| {
            components.authorization("wxc", "wx1").map(|a| a.refresh_token.clone()).unwrap()
        };

        assert_eq!(told(&mut components, &[1, 2]), Some("authorized"));
        let first = refresh(&components);
        assert_eq!(told(&mut components, &[1, 2]), None);
        assert_eq!(told(&mut components, &[1]), Some("updateauthorized"));
        assert_eq!(refresh(&components), first);
        assert!(components.unauthorize("wxc", "wx1") && !components.unauthorize("wxc", "wx1"));
        assert_eq!(told(&mut components, &[1]), Some("authorized"));
        assert_ne!(refresh(&components), first);
    }

    #[test]
    fn an_authorisation_code_is_good_once_and_for_an_hour() {
        let mut components = Components::default();
        let [code, late] = [(); 2].map(|()| components.authorize("wxc", "wx1", &[1], NOW).code);

        assert_eq!(components.redeem("wxd", &code, NOW), Err(Stale::Unknown));
        assert_eq!(components.redeem("wxc", &code, NOW + 3599).as_deref(), Ok("wx1"));
        assert_eq!(components.redeem("wxc", &code, NOW + 3599), Err(Stale::Expired));
        assert_eq!(components.redeem("wxc", &late, NOW + 3600), Err(Stale::Expired));
    }

    #[test]
    fn messages_go_to_whom_they_were_entrusted() {
        let mut components = Components::default();
        components.authorize("wxc", "wx1", &[2], NOW);
        components.authorize("wxd", "wx1", &[1, 2], NOW);

        let messengers: Vec<&str> = components.messengers("wx1", Kind::OfficialAccount).collect();

        assert_eq!(messengers, ["wxd"]);
    }
}
