//! What a person can do, as arguments. Each is a verb of the control API with its arguments under their own names.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::world::account::Kind;

/// One verb with its arguments.
#[derive(Debug, Clone, clap::Subcommand, Serialize)]
#[serde(untagged)]
pub(super) enum Verb {
    /// Follow the account: by search, by the QR code of a scene, or after a payment
    Follow {
        /// The QR code's scene: text or a number
        #[arg(long, value_parser = scene)]
        #[serde(skip_serializing_if = "Option::is_none")]
        scene: Option<Value>,
        /// The payment's number, in the place of a scene
        #[arg(long, conflicts_with = "scene")]
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<String>,
    },
    /// Stop following
    Unfollow {},
    /// Scan a parametric QR code; someone who does not follow yet follows by it
    #[command(group = clap::ArgGroup::new("code").required(true))]
    Scan {
        /// The QR code's scene: text or a number
        #[arg(long, group = "code", value_parser = scene)]
        #[serde(skip_serializing_if = "Option::is_none")]
        scene: Option<Value>,
        /// In the place of a scene: the ticket that qrcode/create gave
        #[arg(long, group = "code")]
        #[serde(skip_serializing_if = "Option::is_none")]
        ticket: Option<String>,
    },
    /// Tap a menu button of type click
    Click {
        /// The button's key
        #[arg(long)]
        key: String,
    },
    /// Tap a menu button of type view
    View {
        /// The button's URL
        #[arg(long)]
        url: String,
    },
    /// Tap a menu button of type miniprogram
    #[command(alias = "view_miniprogram")]
    ViewMiniprogram {
        /// The page's path within the mini-program
        #[arg(long)]
        path: String,
    },
    /// Tap a menu button of type scancode_push, and scan
    #[command(alias = "scancode_push")]
    ScancodePush(Scanned),
    /// Tap a menu button of type scancode_waitmsg, and scan
    #[command(alias = "scancode_waitmsg")]
    ScancodeWaitmsg(Scanned),
    /// Tap a menu button of type pic_sysphoto, and take a picture
    #[command(alias = "pic_sysphoto")]
    PicSysphoto(Photographed),
    /// Tap a menu button of type pic_photo_or_album, and choose a picture
    #[command(alias = "pic_photo_or_album")]
    PicPhotoOrAlbum(Photographed),
    /// Tap a menu button of type pic_weixin, and choose a picture
    #[command(alias = "pic_weixin")]
    PicWeixin(Photographed),
    /// Tap a menu button of type location_select, and choose a place
    #[command(alias = "location_select")]
    LocationSelect {
        /// The button's key
        #[arg(long)]
        key: String,
        /// Degrees north
        #[arg(long, allow_negative_numbers = true)]
        latitude: f64,
        /// Degrees east
        #[arg(long, allow_negative_numbers = true)]
        longitude: f64,
        /// The map's zoom
        #[arg(long, default_value_t = 15)]
        scale: u32,
        /// The place's address
        #[arg(long, default_value = "")]
        label: String,
        /// The place's name
        #[arg(long, default_value = "")]
        poiname: String,
    },
    /// Write a text
    Text {
        /// What is written
        #[arg(long)]
        content: String,
        /// The item of a message menu that was tapped instead of writing
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        menu_id: Option<String>,
    },
    /// Send a picture
    Image {
        /// JPEG, PNG or GIF; made up where absent
        #[arg(long = "file", value_name = "FILE", value_parser = file)]
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<String>,
        /// PicUrl; in WeChat's shape, where nothing is to be fetched, where absent
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pic_url: Option<String>,
    },
    /// Send a spoken message
    Voice {
        /// AMR or MP3; a second of silence where absent
        #[arg(long = "file", value_name = "FILE", value_parser = file)]
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<String>,
        /// What WeChat understood
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        recognition: Option<String>,
    },
    /// Send a film
    Video(Filmed),
    /// Send a short film, as older phones do
    Shortvideo(Filmed),
    /// Send a link
    Link {
        /// Its title
        #[arg(long)]
        title: String,
        /// The words below the title
        #[arg(long, default_value = "")]
        description: String,
        /// Where it leads
        #[arg(long)]
        url: String,
    },
    /// Send a mini-program's card
    Miniprogrampage {
        /// Its title
        #[arg(long)]
        title: String,
        /// The mini-program's AppID; --appid is the receiver's
        #[arg(long = "card-appid", value_name = "APPID")]
        appid: String,
        /// The page's path within the mini-program
        #[arg(long)]
        pagepath: String,
    },
    /// Send a place, or let the phone report where it is
    Location {
        /// Degrees north
        #[arg(long, allow_negative_numbers = true)]
        latitude: f64,
        /// Degrees east
        #[arg(long, allow_negative_numbers = true)]
        longitude: f64,
        /// The map's zoom
        #[arg(long, default_value_t = 16)]
        scale: u32,
        /// The place's name
        #[arg(long, default_value = "")]
        label: String,
        /// The phone's own report on entering the chat, in the place of a message
        #[arg(long)]
        report: bool,
    },
    /// Let a device that is bound to the phone send something
    #[command(alias = "device_text")]
    DeviceText {
        /// The device's id
        #[arg(long)]
        device_id: String,
        /// What it sends, in base64
        #[arg(long, default_value = "aGVsbG8=")]
        data: String,
    },
    /// Bind a device to the phone, or unbind it
    #[command(alias = "device_event")]
    DeviceEvent {
        /// The device's id
        #[arg(long)]
        device_id: String,
        /// Which of the two
        #[arg(long, default_value = "bind", value_parser = ["bind", "unbind"])]
        event: String,
    },
    /// Enter a mini-program's customer-service chat
    Enter {
        /// The button's session-from
        #[arg(long, default_value = "")]
        session_from: String,
    },
    /// Answer the question whether a subscription message may be sent: each yes is good for one
    Subscribe {
        /// Which messages
        #[arg(long)]
        template_id: String,
        /// Say no
        #[arg(long = "refuse", action = clap::ArgAction::SetFalse)]
        accept: bool,
        /// Say no afterwards in the settings, and not when asked
        #[arg(long)]
        withdraw: bool,
    },
    /// Log in to a mini-program: gives a js_code and pushes nothing
    Login {},
    /// Consent to the phone number in a mini-program: gives a code and pushes nothing
    Phone {},
    /// Hand a mini-program encrypted user data, as wx.getUserInfo did; takes a session and pushes nothing
    #[command(alias = "user_data")]
    UserData {
        /// The phone number and not the profile
        #[arg(long)]
        phone: bool,
    },
    /// Pay in the account's name; shown in the chat, notifies the account's pay_notify_url
    Pay {
        /// How much, in fen
        #[arg(long)]
        fen: u64,
        /// The merchant's order number; made up where absent
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        out_trade_no: Option<String>,
        /// Send a probe with a wrong signature first
        #[arg(long)]
        probe: bool,
    },
    /// Get a payment back
    Refund {
        /// The merchant's order number
        #[arg(long)]
        out_trade_no: String,
        /// How much, in fen; all that is left where absent
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        fen: Option<u64>,
    },
    /// Push any XML or JSON text, signed (and encrypted) as it is
    Raw {
        /// The text, or @FILE to read it from
        #[arg(long)]
        body: String,
    },
}

/// What a button that scans gets.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(super) struct Scanned {
    /// The button's key
    #[arg(long)]
    key: String,
    /// What the camera reads; of a bar code its kind too: EAN_13,6901234567892
    #[arg(long)]
    result: String,
    /// qrcode or barcode
    #[arg(long, default_value = "qrcode", value_parser = ["qrcode", "barcode"])]
    scan_type: String,
}

/// What a button that sends pictures gets.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(super) struct Photographed {
    /// The button's key
    #[arg(long)]
    key: String,
    /// JPEG, PNG or GIF, up to nine times; one is made up where absent
    #[arg(long = "file", value_name = "FILE", value_parser = picture)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Picture>,
}

/// A picture, read.
#[derive(Debug, Clone, Serialize)]
struct Picture {
    data: String,
}

/// What is sent as a film.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(super) struct Filmed {
    /// MP4; a film of nothing where absent
    #[arg(long = "file", value_name = "FILE", value_parser = file)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl Verb {
    /// As the control API's path names it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Follow { .. } => "follow",
            Self::Unfollow {} => "unfollow",
            Self::Scan { .. } => "scan",
            Self::Click { .. } => "click",
            Self::View { .. } => "view",
            Self::ViewMiniprogram { .. } => "view_miniprogram",
            Self::ScancodePush(_) => "scancode_push",
            Self::ScancodeWaitmsg(_) => "scancode_waitmsg",
            Self::PicSysphoto(_) => "pic_sysphoto",
            Self::PicPhotoOrAlbum(_) => "pic_photo_or_album",
            Self::PicWeixin(_) => "pic_weixin",
            Self::LocationSelect { .. } => "location_select",
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video(_) => "video",
            Self::Shortvideo(_) => "shortvideo",
            Self::Link { .. } => "link",
            Self::Miniprogrampage { .. } => "miniprogrampage",
            Self::Location { .. } => "location",
            Self::DeviceText { .. } => "device_text",
            Self::DeviceEvent { .. } => "device_event",
            Self::Enter { .. } => "enter",
            Self::Subscribe { .. } => "subscribe",
            Self::Login {} => "login",
            Self::Phone {} => "phone",
            Self::UserData { .. } => "user_data",
            Self::Pay { .. } => "pay",
            Self::Refund { .. } => "refund",
            Self::Raw { .. } => "raw",
        }
    }

    /// As the control API's body names them.
    pub(super) fn arguments(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(arguments)) => arguments,
            _ => Map::new(),
        }
    }

    /// Whether the receiver hears of it.
    pub(super) fn pushes(&self) -> bool {
        !matches!(
            self,
            Self::Login {} | Self::Phone {} | Self::UserData { .. } | Self::Pay { .. } | Self::Refund { .. }
        )
    }

    /// Whether only a follower can do it.
    pub(super) fn takes_a_follower(&self) -> bool {
        !matches!(
            self,
            Self::Follow { .. }
                | Self::Scan { .. }
                | Self::Enter { .. }
                | Self::Login {}
                | Self::Phone {}
                | Self::UserData { .. }
                | Self::Subscribe { .. }
                | Self::Pay { .. }
                | Self::Refund { .. }
                | Self::Raw { .. }
        )
    }

    /// The kind of account that it is usually done with.
    pub(super) fn usual_kind(&self) -> Kind {
        match self {
            Self::Enter { .. } | Self::Login {} | Self::Phone {} | Self::UserData { .. } => Kind::MiniProgram,
            _ => Kind::OfficialAccount,
        }
    }
}

/// A file's content in base64.
fn file(path: &str) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(STANDARD.encode(bytes))
}

fn picture(path: &str) -> Result<Picture, String> {
    Ok(Picture { data: file(path)? })
}

/// A number is a number, as it was when the QR code was made.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
fn scene(text: &str) -> Result<Value, String> {
    Ok(text.parse::<u32>().map_or_else(|_| text.into(), Value::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_those_of_the_control_api() {
        let follow = Verb::Follow { scene: Some("store-12".into()), transaction_id: None };

        assert_eq!(Value::Object(follow.arguments()), json!({"scene": "store-12"}));
        assert_eq!(Value::Object(Verb::Login {}.arguments()), json!({}));
        assert_eq!(scene("12"), Ok(json!(12)));
    }
}
