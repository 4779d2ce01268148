//! What a person can do with their phone: each act changes the world and may push something.
//!
//! | file | acts |
//! |---|---|
//! | `follow.rs` | follow, unfollow, scan a QR code |
//! | `menu.rs` | tap a menu button: click, view, view_miniprogram |
//! | `prompt.rs` | tap a menu button that asks for a scan, pictures or a place |
//! | `message.rs` | send a text, send or report a location |
//! | `media.rs` | send a picture, a spoken message, a film, a link, a mini-program's card |
//! | `device.rs` | let a bound device send something, bind or unbind it |
//! | `mini_program.rs` | enter the customer-service chat, log in, consent to the phone number |
//! | `consent.rs` | agree to subscription messages |
//! | `pay.rs` | pay, get a refund |
//!
//! To add one: a struct with its arguments and an `act` method in the file where it belongs, and a variant in
//! [`Act`]. The control API and the library find it there.

mod consent;
mod device;
mod follow;
mod media;
mod menu;
mod message;
mod mini_program;
mod pay;
mod prompt;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::{
    consent::Subscribe,
    device::{DeviceEvent, DeviceText},
    follow::{Follow, Scan, SceneValue, Unfollow},
    media::{Card, Image, Link, Video, Voice},
    menu::{Click, View, ViewMiniprogram},
    message::{Location, Text},
    mini_program::{Enter, Login, Phone, UserData},
    pay::{Pay, Refund},
    prompt::{LocationSelect, Pictures, ScanType, Scancode},
};
use crate::{
    ids::PersonKey,
    platform::Platform,
    push::{Notice, Outcome, Push, Replies, Sender},
    wire::fields::Fields,
    world::{Registered, World, account::Kind},
};

/// One act with its arguments. In JSON `{"follow": {"scene": "store-12"}}`; on the control API the verb is in the path.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Follow(Follow),
    Unfollow(Unfollow),
    Scan(Scan),
    Click(Click),
    View(View),
    ViewMiniprogram(ViewMiniprogram),
    ScancodePush(Scancode),
    ScancodeWaitmsg(Scancode),
    PicSysphoto(Pictures),
    PicPhotoOrAlbum(Pictures),
    PicWeixin(Pictures),
    LocationSelect(LocationSelect),
    Text(Text),
    Image(Image),
    Voice(Voice),
    Video(Video),
    Shortvideo(Video),
    Link(Link),
    Miniprogrampage(Card),
    Location(Location),
    DeviceText(DeviceText),
    DeviceEvent(DeviceEvent),
    Enter(Enter),
    Login(Login),
    Phone(Phone),
    Pay(Pay),
    Refund(Refund),
    Subscribe(Subscribe),
    UserData(UserData),
}

/// Why an act did not take place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActError {
    #[error("there is no account {0:?}; PUT /_mock/accounts/{{appid}} creates one")]
    NoAccount(String),
    #[error("{0}")]
    Impossible(String),
}

/// What an act led to.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub(crate) struct Done {
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    /// What else there is to say: `js_code`, `code`, `transaction_id`, `note`.
    #[serde(flatten)]
    #[schema(value_type = Said)]
    pub(crate) more: Map<String, Value>,
    /// There was something to push, and no callback to push it to.
    #[serde(skip)]
    pub(crate) unsent: bool,
}

/// What an act says besides its pushes; each key with the acts that say it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "acts say what they have by name; this is its shape")]
struct Said {
    /// Why nothing was pushed.
    note: Option<String>,
    /// `login`
    js_code: Option<String>,
    /// `phone`
    code: Option<String>,
    /// `pay`: 28 digits.
    transaction_id: Option<String>,
    /// `pay`, `refund`
    out_trade_no: Option<String>,
    /// `refund`
    fen: Option<u64>,
    /// `user_data`: in base64.
    #[schema(rename = "encryptedData")]
    encrypted_data: Option<String>,
    /// `user_data`: in base64.
    iv: Option<String>,
    /// `user_data`: JSON.
    #[schema(rename = "rawData")]
    raw_data: Option<String>,
    /// `user_data`: of `rawData`.
    signature: Option<String>,
}

/// What an act wants to happen: pushes in order, and values for its answer.
#[derive(Debug, Default)]
struct Effect {
    pushes: Vec<Push>,
    /// What the merchant is told.
    notices: Vec<Notice>,
    more: Map<String, Value>,
}

/// Where an act takes place.
struct Scenery<'a> {
    platform: &'a Platform,
    registered: &'a Arc<Registered>,
    person: PersonKey,
    name: &'a str,
    /// Unix seconds.
    now: i64,
}

impl Platform {
    /// Lets a person, created on first use, do something with an account, and waits until its pushes are through; of a
    /// notification of WeChat Pay until it was told once.
    pub(crate) async fn perform(&self, name: &str, account: &str, act: &Act) -> Result<Done, ActError> {
        let effect = {
            let mut world = self.world_mut();
            let registered =
                world.account(account).cloned().ok_or_else(|| ActError::NoAccount(account.to_owned()))?;
            if registered.account.kind == Kind::Component {
                let account = &registered.account.name;
                let why = "people deal with the accounts that authorised it";
                return Err(ActError::Impossible(format!("{account} is a third-party platform; {why}")));
            }
            let person = world.person(name);
            let now = self.clock.seconds();
            let scenery = Scenery { platform: self, registered: &registered, person, name, now };
            act.act(&scenery, &mut world)?
        };
        let unsent = !effect.pushes.is_empty();
        let mut done = Done { more: effect.more, unsent, ..Done::default() };
        for push in effect.pushes {
            let outcome = self.push(push).await;
            done.outcome.deliveries.extend(outcome.deliveries);
            done.outcome.shown.extend(outcome.shown);
        }
        done.unsent &= done.outcome.deliveries.is_empty();
        for notice in effect.notices {
            let outcome = self.notify(&notice).await;
            done.outcome.deliveries.extend(outcome.deliveries);
            done.outcome.pending.extend(outcome.pending);
        }
        Ok(done)
    }
}

impl Act {
    fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        match self {
            Self::Follow(act) => act.act(at, world),
            Self::Unfollow(act) => act.act(at, world),
            Self::Scan(act) => act.act(at, world),
            Self::Click(act) => act.act(at, world),
            Self::View(act) => act.act(at, world),
            Self::ViewMiniprogram(act) => act.act(at, world),
            Self::ScancodePush(act) => act.act(at, world, "scancode_push"),
            Self::ScancodeWaitmsg(act) => act.act(at, world, "scancode_waitmsg"),
            Self::PicSysphoto(act) => act.act(at, world, "pic_sysphoto"),
            Self::PicPhotoOrAlbum(act) => act.act(at, world, "pic_photo_or_album"),
            Self::PicWeixin(act) => act.act(at, world, "pic_weixin"),
            Self::LocationSelect(act) => act.act(at, world),
            Self::Text(act) => act.act(at, world),
            Self::Image(act) => act.act(at, world),
            Self::Voice(act) => act.act(at, world),
            Self::Video(act) => act.act(at, world, "video"),
            Self::Shortvideo(act) => act.act(at, world, "shortvideo"),
            Self::Link(act) => act.act(at, world),
            Self::Miniprogrampage(act) => act.act(at, world),
            Self::Location(act) => act.act(at, world),
            Self::DeviceText(act) => act.act(at, world),
            Self::DeviceEvent(act) => act.act(at, world),
            Self::Enter(act) => act.act(at, world),
            Self::Login(act) => act.act(at, world),
            Self::Phone(act) => act.act(at, world),
            Self::Pay(act) => act.act(at, world),
            Self::Refund(act) => act.act(at, world),
            Self::Subscribe(act) => act.act(at, world),
            Self::UserData(act) => act.act(at, world),
        }
    }
}

impl Effect {
    fn push(push: Push) -> Self {
        Self { pushes: vec![push], ..Self::default() }
    }

    fn notice(notice: Notice) -> Self {
        Self { notices: vec![notice], ..Self::default() }
    }

    /// Nothing happened, and why.
    fn nothing(note: String) -> Self {
        Self::default().with("note", note)
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }
}

impl Scenery<'_> {
    fn app_id(&self) -> &str {
        &self.registered.account.app_id
    }

    fn kind(&self) -> Kind {
        self.registered.account.kind
    }

    /// An event push: `MsgType` event, the event's name, then its own fields.
    fn event(&self, world: &mut World, event: &str, replies: Replies, fields: Fields) -> Push {
        self.message(world, "event", event, replies, Fields::new().text("Event", event).and(fields))
    }

    /// Any push from this person, `CreateTime` included.
    fn message(
        &self,
        world: &mut World,
        msg_type: &str,
        kind: &str,
        replies: Replies,
        fields: Fields,
    ) -> Push {
        let create_time = world.relation_mut(self.person, self.app_id()).map_or(self.now, |relation| {
            relation.acted_at = self.now;
            relation.create_time(self.now)
        });
        let sender = Sender {
            key: self.person,
            name: self.name.to_owned(),
            open_id: self.registered.open_ids.seal(self.person),
        };
        let content = Fields::new().text("MsgType", msg_type).and(fields);
        Push::new(self.registered, sender, create_time, kind, replies, content)
    }

    fn must_be(&self, kind: Kind, act: &str) -> Result<(), ActError> {
        if self.kind() == kind {
            return Ok(());
        }
        let (is, needs) = match kind {
            Kind::OfficialAccount => ("a mini-program", "an Official Account"),
            Kind::MiniProgram => ("an Official Account", "a mini-program"),
            Kind::Component => ("an account", "a third-party platform"),
        };
        let name = &self.registered.account.name;
        Err(ActError::Impossible(format!("{name} is {is}; to {act} takes {needs}")))
    }

    /// Only a follower sees an Official Account's chat and menu.
    fn must_follow(&self, world: &World, act: &str) -> Result<(), ActError> {
        let follows = world.find_person(self.person).is_some_and(|p| p.follows(self.app_id()));
        if follows || self.kind() == Kind::MiniProgram {
            return Ok(());
        }
        let (name, account) = (self.name, &self.registered.account.name);
        Err(ActError::Impossible(format!("{name} does not follow {account} and cannot {act}; follow first")))
    }
}
