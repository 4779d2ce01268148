//! Messages of hardware bound to an account (`device_text`, `device_event`, `device_status`, `hardware`): retired by WeChat,
//! still pushed to accounts that have devices.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::{Words, wire};

wire! {
    /// A device of the sender says something.
    pub struct Device {
        /// `bind`, `unbind`, `subscribe_status`, ...; a `device_event` only.
        event: Option<SmolStr> = "Event";
        /// Original id of the account that the device belongs to.
        device_type: Option<SmolStr> = "DeviceType";
        /// The device.
        device_id: Option<SmolStr> = "DeviceID";
        /// Conversation with the device.
        session_id: Option<SmolStr> = "SessionID";
        /// What the device sent, base64.
        content: Words = "Content";
        /// 1 connected, 0 not.
        status: Option<i64> = "DeviceStatus";
    }
}

impl Effect for Device {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.event.as_deref().unwrap_or_default());
        key.with(self.device_id.as_deref().unwrap_or_default());
    }
}
