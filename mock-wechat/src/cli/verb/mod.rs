//! What a person can do, as arguments. Each is a verb of the control API with its arguments under their own names.
//!
//! | file | holds |
//! |---|---|
//! | `values.rs` | arguments that several verbs share, and what is read into one |
//! | `nature.rs` | what a verb is called, and what it takes and does |
//!
//! To add one: a variant of [`Verb`], and its line in every list of `nature.rs` that it belongs to.

mod nature;
mod values;

use serde::Serialize;
use serde_json::Value;

use self::values::{Filmed, Photographed, Scanned, file, scene};

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
