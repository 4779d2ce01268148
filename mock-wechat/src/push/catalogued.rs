//! A kind of the catalogue as a push, whoever caused it.

use std::sync::Arc;

use super::{Push, Replies, Sender};
use crate::{
    grade::kind::Kind,
    ids::PersonKey,
    wire::fields::Fields,
    world::{
        Registered, World,
        account::{self, Format},
    },
};

/// What XML wraps the list of a subscription event in.
const WRAPPERS: [(&str, &str); 3] = [
    ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
    ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
    ("subscribe_msg_sent_event", "SubscribeMsgSentEvent"),
];

impl Push {
    /// A kind of the catalogue with these fields in the place of the example's, from a person or from WeChat itself.
    /// Fields that name the person or the account tell the truth, unless they are given.
    pub(crate) fn of_catalogue(
        world: &mut World,
        registered: &Arc<Registered>,
        person: Option<PersonKey>,
        kind: &Kind,
        given: Fields,
        now: i64,
        message_id: i64,
    ) -> Self {
        let account = &registered.account;
        if account.kind == account::Kind::Component {
            return Self::to_component(registered, kind.name, now, kind.fields().with(given));
        }
        let key = person.unwrap_or_else(|| PersonKey::of("WeChat itself"));
        let fields = spelled(truthful(kind.fields(), registered, key).with(given), kind.name, account.format);
        let content = match kind.is_event {
            true => Fields::new().text("MsgType", "event").text("Event", kind.name).and(fields),
            false if kind.replies == Replies::Ignored => Fields::new().text("MsgType", kind.name).and(fields),
            false => Fields::new().text("MsgType", kind.name).and(fields).number("MsgId", message_id),
        };
        let relation = person.and_then(|key| world.relation_mut(key, &account.app_id));
        let create_time = relation.map_or(now, |relation| relation.create_time(now));
        let name = world.find_person(key).map(|person| person.name.clone()).unwrap_or_default();
        let sender = Sender { key, name, open_id: registered.open_ids.seal(key) };
        let push = Self::new(registered, sender, create_time, kind.name, kind.replies, content);
        match person {
            Some(_) => push,
            None => Self { person: None, ..push },
        }
    }
}

fn truthful(fields: Fields, registered: &Registered, person: PersonKey) -> Fields {
    let (open_id, app_id) = (registered.open_ids.seal(person), registered.account.app_id.clone());
    let union_id = registered.union_id(person);
    [
        ("DeviceType", Some(&registered.account.original_id)),
        ("OpenID", Some(&open_id)),
        ("OpenId", Some(&open_id)),
        ("AppID", Some(&app_id)),
        ("appid", Some(&app_id)),
        ("UnionId", union_id.as_ref()),
    ]
    .into_iter()
    .fold(fields, |fields, (name, truth)| match (fields.find(name), truth) {
        (None, _) => fields,
        (Some(_), Some(truth)) => fields.with(Fields::new().text(name, truth)),
        (Some(_), None) => fields.without(name),
    })
}

/// XML wraps the list of a subscription event; JSON has it on top and writes numbers as text.
fn spelled(fields: Fields, event: &str, format: Format) -> Fields {
    let Some((_, wrapper)) = WRAPPERS.iter().find(|(known, _)| *known == event) else { return fields };
    let wrapped = fields.groups(wrapper).next().cloned();
    match (format, wrapped) {
        (Format::Xml, Some(_)) => fields,
        (Format::Xml, None) => Fields::new().group(wrapper, fields),
        (Format::Json, wrapped) => wrapped.unwrap_or(fields).with_numbers_as_text(),
    }
}
