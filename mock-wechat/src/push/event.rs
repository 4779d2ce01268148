//! Events that WeChat itself causes, or that a person's consent does.

use std::sync::Arc;

use super::{Push, Replies, Sender};
use crate::{
    ids::PersonKey,
    wire::fields::Fields,
    world::{Registered, World, account::Format},
};

impl Push {
    /// An event about a person; nothing where there is no such person or account.
    pub(crate) fn event(
        world: &mut World,
        registered: &Registered,
        person: PersonKey,
        event: &str,
        replies: Replies,
        now: i64,
        fields: Fields,
    ) -> Option<Self> {
        let (registered, sender, create_time) = about(world, registered, person, now)?;
        let content = Fields::new().text("MsgType", "event").text("Event", event).and(fields);
        Some(Self::new(&registered, sender, create_time, event, replies, content))
    }

    /// A notice of WeChat's own, whose sender is nobody: what came of a job, an audit, a retraction.
    pub(crate) fn from_wechat(
        world: &World,
        registered: &Registered,
        event: &str,
        now: i64,
        fields: Fields,
    ) -> Option<Self> {
        let registered = world.account(&registered.account.app_id)?;
        let key = PersonKey::of("WeChat itself");
        let sender = Sender { key, name: String::new(), open_id: registered.open_ids.seal(key) };
        let content = Fields::new().text("MsgType", "event").text("Event", event).and(fields);
        let push = Self::new(registered, sender, now, event, Replies::Ignored, content);
        Some(Self { person: None, ..push })
    }

    /// What became of a subscription message.
    pub(crate) fn subscription_sent(
        world: &mut World,
        registered: &Registered,
        person: PersonKey,
        template_id: &str,
        message_id: i64,
        now: i64,
    ) -> Option<Self> {
        let item = Fields::new()
            .text("TemplateId", template_id)
            .number("MsgID", message_id)
            .number("ErrorCode", 0)
            .text("ErrorStatus", "success");
        Self::subscription(
            world,
            registered,
            person,
            "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent",
            &[item],
            now,
        )
    }

    /// A person agreed or refused when they were asked (`popup`), or refused later in the settings.
    pub(crate) fn subscription_answered(
        world: &mut World,
        registered: &Registered,
        person: PersonKey,
        answers: &[(&str, bool)],
        answered: Answered,
        now: i64,
    ) -> Option<Self> {
        let item = |(template_id, accepted): &(&str, bool)| {
            let item = Fields::new()
                .text("TemplateId", *template_id)
                .text("SubscribeStatusString", if *accepted { "accept" } else { "reject" });
            match answered {
                Answered::Asked { scene } => item.number("PopupScene", scene),
                Answered::Withdrawn => item,
            }
        };
        let items: Vec<Fields> = answers.iter().map(item).collect();
        let (event, group) = match answered {
            Answered::Asked { .. } => ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
            Answered::Withdrawn => ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
        };
        Self::subscription(world, registered, person, event, group, &items, now)
    }

    /// XML wraps the items in a group named after the event. JSON has them on top, writes every number as text, and an
    /// object in the place of a list of one.
    fn subscription(
        world: &mut World,
        registered: &Registered,
        person: PersonKey,
        event: &str,
        group: &str,
        items: &[Fields],
        now: i64,
    ) -> Option<Self> {
        let (registered, sender, create_time) = about(world, registered, person, now)?;
        let list = items.iter().fold(Fields::new(), |list, item| list.group("List", item.clone()));
        let head = Fields::new().text("MsgType", "event").text("Event", event);
        let mut push = match registered.account.format {
            Format::Xml => head.group(group, list),
            Format::Json => head.and(list),
        };
        if registered.account.format == Format::Json {
            push = push.with_numbers_as_text();
        }
        let mut push = Self::new(&registered, sender, create_time, event, Replies::Ignored, push);
        if registered.account.format == Format::Json {
            let number = format!("\"CreateTime\":{create_time}");
            push.plaintext =
                push.plaintext.replacen(&number, &format!("\"CreateTime\":\"{create_time}\""), 1);
        }
        Some(push)
    }
}

/// When a person answers the question for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// When asked; `scene` 0 in a mini-program, 1 on a page, 2 in an article.
    Asked { scene: u8 },
    /// Later, in the settings.
    Withdrawn,
}

fn about(
    world: &mut World,
    registered: &Registered,
    person: PersonKey,
    now: i64,
) -> Option<(Arc<Registered>, Sender, i64)> {
    let registered = world.account(&registered.account.app_id)?.clone();
    let name = world.find_person(person)?.name.clone();
    let create_time = world.relation_mut(person, &registered.account.app_id)?.create_time(now);
    let sender = Sender { key: person, name, open_id: registered.open_ids.seal(person) };
    Some((registered, sender, create_time))
}
