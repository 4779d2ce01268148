//! Every word of the page, in both languages side by side.

/// Which words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

impl Language {
    /// As in `lang="..."` and in the cookie.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The one that was chosen, or the one that the browser prefers.
    pub(super) fn of(chosen: Option<&str>, accepted: &str) -> Self {
        match chosen.unwrap_or(accepted) {
            tag if tag.trim_start().to_ascii_lowercase().starts_with("zh") => Self::Chinese,
            _ => Self::English,
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// The words of one language.
        #[derive(Debug)]
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }
        const ENGLISH: Words = Words { $($name: $english,)* };
        const CHINESE: Words = Words { $($name: $chinese,)* };
    };
}

words! {
    // The frame
    title: "mock-wechat: a phone and the wire", "mock-wechat：手机与线路";
    phone: "Phone", "手机";
    wire: "Wire", "线路";
    controls: "Controls", "控制";
    parts: "Parts of the page", "页面分区";
    phone_of: "Phone of", "手机主人";
    new_person: "New person, or any name", "新人物，或任意名字";
    create: "Create", "新建";
    other_language: "中文", "English";
    switch_language: "Switch to Chinese", "切换到英文";
    appearance: "Light or dark", "浅色或深色";
    close: "Close", "关闭";
    back: "Back", "返回";
    offline: "Connection lost, trying again", "连接已断开，正在重试";

    // Tabs
    tabs: "Tabs of the phone", "手机标签页";
    chats: "Chats", "微信";
    contacts: "Contacts", "通讯录";
    discover: "Discover", "发现";
    me: "Me", "我";
    no_chats_title: "Nothing here yet", "还没有聊天";
    no_chats: "Scan a QR code to follow an Official Account. Its welcome appears here, and what was sent for it on the wire.", "扫一扫二维码，关注一个公众号。欢迎语会出现在这里，收发的内容会出现在线路上。";
    official_accounts: "Official Accounts", "公众号";
    mini_programs: "Mini Programs", "小程序";
    following: "Following", "已关注";
    not_following: "Not following", "未关注";
    no_accounts: "There are no accounts. Create one with PUT /_mock/accounts/{appid}.", "还没有账号。用 PUT /_mock/accounts/{appid} 新建。";
    phone_number: "Phone number", "手机号";

    // What a person can do
    scan: "Scan", "扫一扫";
    pay: "Pay", "收付款";
    attend: "Attend an Event", "参加活动";
    scan_title: "Scan a QR code", "扫描二维码";
    scan_pick: "QR codes that were created", "已创建的二维码";
    scan_none: "No QR code was created yet.", "还没有创建二维码。";
    scan_paste: "Or type a scene", "或输入场景值";
    scene: "Scene", "场景值";
    scene_hint: "The code is made up if nobody created it.", "没有创建过的二维码会自动生成。";
    account: "Account", "账号";
    permanent: "permanent", "永久";
    expired: "expired", "已过期";
    expires: "until", "有效至";
    pay_title: "Pay an amount", "支付";
    yuan: "Amount in yuan", "金额（元）";
    pay_now: "Pay", "付款";
    pay_hint: "After a payment the account may write for 48 hours.", "付款后 48 小时内，账号可以主动发消息。";
    attend_title: "Attend an event", "参加活动";
    event_name: "Event", "活动";
    attend_hint: "At the entrance one scans the event's QR code: scene event-NAME.", "在入口扫描活动二维码，场景值为 event-活动名。";
    check_in: "Check in", "签到";
    follow: "Follow", "关注";
    unfollow: "Unfollow", "取消关注";
    follow_first: "Follow the account to see its chat and its menu.", "关注后可以看到聊天和菜单。";
    profile: "Account details", "账号资料";
    message: "Message", "消息";
    send: "Send", "发送";
    to_keyboard: "Keyboard", "键盘";
    to_menu: "Menu", "菜单";
    account_menu: "Menu of the account", "账号菜单";
    no_menu: "This account has no menu.", "此账号没有菜单。";
    more: "More", "更多";
    send_location: "Location", "位置";
    report_location: "Report location", "上报位置";
    web_page: "Web page", "网页";
    open_in_browser: "Open in a new tab", "在新标签页打开";
    page_told: "WeChat told the account with a VIEW event. The page itself opens outside of this phone.", "微信已用 VIEW 事件通知账号。网页会在手机之外打开。";

    // What a person is asked
    allow: "Allow", "允许";
    refuse: "Refuse", "拒绝";
    subscribe: "Notices", "订阅通知";
    consent_title: "Subscription messages", "订阅消息";
    consent_asks: "asks to send you these messages:", "申请向你发送以下消息：";
    consent_none: "The account has no template for subscription messages. Your server adds one with /wxaapi/newtmpl/addtemplate.", "此账号没有订阅消息模板。可由服务器调用 /wxaapi/newtmpl/addtemplate 添加。";
    consent_hint: "Each yes is good for one message. WeChat tells the account with subscribe_msg_popup_event.", "每次允许只能发送一条消息。微信会用 subscribe_msg_popup_event 通知账号。";
    consent_hint_mini: "What wx.requestSubscribeMessage shows. Each yes is good for one message; WeChat tells the account with subscribe_msg_popup_event.", "即 wx.requestSubscribeMessage 的弹窗。每次允许只能发送一条消息，微信会用 subscribe_msg_popup_event 通知账号。";
    consents_left: "more may be sent.", "条可发送。";
    withdraw: "Withdraw", "取消订阅";
    authorize_title: "Web page", "网页";
    authorize_userinfo: "asks for your nickname, picture and UnionID (snsapi_userinfo).", "申请获取你的昵称、头像和 UnionID（snsapi_userinfo）。";
    authorize_base: "learns your OpenID without asking (snsapi_base).", "将静默获取你的 OpenID（snsapi_base）。";
    authorize_snapshot: "As a snapshot page (virtual user)", "以快照页打开（虚拟用户）";
    authorize_hint: "The page opens in a new tab with a code, which your server trades at /sns/oauth2/access_token.", "网页会带着 code 在新标签页打开，由服务器调用 /sns/oauth2/access_token 换取。";
    open_page: "Open", "打开";
    third_parties: "Third-party platforms", "第三方平台";
    authorize: "Authorise", "授权";
    withdraw_authorization: "Withdraw", "取消授权";
    camera_sees: "What the camera reads", "扫描结果";
    camera_kind: "Kind of code", "码的类型";
    qr_code: "QR code", "二维码";
    bar_code: "Bar code", "条形码";
    camera_hint: "Of a bar code its kind stands in front: EAN_13,6901234567892.", "条形码的结果带类型，例如 EAN_13,6901234567892。";
    link: "Link", "链接";
    mini_program_card: "Mini Program", "小程序";

    // Mini-programs
    log_in: "Log in (wx.login)", "登录（wx.login）";
    js_code: "Login code", "登录凭证 js_code";
    js_code_hint: "The mini-program sends it to your server, which trades it at /sns/jscode2session.", "小程序把它交给你的服务器，由服务器调用 /sns/jscode2session 换取会话。";
    consent_phone: "Share phone number", "授权手机号";
    phone_code: "Phone code", "手机号凭证 code";
    phone_code_hint: "Your server trades it at /wxa/business/getuserphonenumber.", "你的服务器用它调用 /wxa/business/getuserphonenumber。";
    ask_consent: "Ask for messages", "申请订阅消息";
    ask_consent_hint: "wx.requestSubscribeMessage: the person chooses which messages the mini-program may send.", "wx.requestSubscribeMessage：由用户选择允许哪些消息。";
    visit: "Open page", "打开页面";
    page_path: "Page", "页面路径";
    visit_hint: "WeChat tells nobody about a page visit; the mini-program's own code calls your server.", "微信不会通知页面访问；由小程序代码自己请求服务器。";
    customer_service: "Customer service", "联系客服";
    copy: "Copy", "复制";
    copied: "Copied", "已复制";

    // Messages
    fault_line: "The service provided by this Official Account is experiencing problems. Please try again later.", "该公众号提供的服务出现故障，请稍后再试";
    image: "Image", "图片";
    voice: "Voice", "语音";
    video: "Video", "视频";
    music: "Music", "音乐";
    card: "Card", "卡券";
    paid: "Payment", "微信支付";
    paid_out: "Paid", "付款金额";
    refunded: "Refund", "退款到账";
    refund: "Refund", "申请退款";
    order: "Order", "订单";

    details: "Details", "详情";

    // The wire
    wire_empty: "Nothing yet. Do something on the phone.", "还没有内容，在手机上试一试。";
    wire_no_match: "Nothing matches the filter.", "没有符合筛选的内容。";
    scope_here: "This chat", "本聊天";
    scope_person: "This person", "此人";
    scope_account: "Account", "本账号";
    scope_everything: "Everything", "全部";
    kind_any: "All", "所有";
    kind_push: "Pushes", "推送";
    kind_call: "API calls", "接口调用";
    kind_bad: "Failed", "失败";
    filter: "Filter", "筛选";
    contains: "Contains", "包含";
    push: "push", "推送";
    call: "call", "调用";
    attempt: "attempt", "第几次";
    duplicate: "copy", "副本";
    no_answer: "no answer", "无应答";
    verdict: "Verdict", "判定";
    request: "Request", "请求";
    response: "Response", "应答";
    decrypted_request: "Decrypted request", "解密后的请求";
    decrypted_response: "Decrypted reply", "解密后的回复";
    body: "Body", "正文";
    faults_hit: "Faults", "故障";
    as_curl: "Copy as curl", "复制为 curl";
    send_same: "Send again", "原样重发";
    send_signed: "Send with new signature", "重新签名发送";
    edit_raw: "Edit and send", "编辑后发送";
    raw_hint: "Signed, and encrypted where the account's mode asks for it; otherwise sent as it stands.", "会签名，并按账号模式加密；其余原样发送。";
    gone: "This entry was dropped from the journal.", "此条目已从日志中移除。";
    empty_body: "(empty)", "（空）";
    unmodelled: "not modelled", "未模拟";

    // Controls
    windows: "Message windows", "消息窗口";
    windows_none: "None is open: a customer-service message would be refused with 45015.", "没有打开的窗口：客服消息会被 45015 拒绝。";
    windows_no_chat: "Open a chat to see what the account may send.", "打开一个聊天，查看账号还能发多少消息。";
    unlimited: "any number", "不限条数";
    left: "left", "条";
    trigger_message: "Wrote a message", "发过消息";
    trigger_menu: "Tapped the menu", "点过菜单";
    trigger_follow: "Followed", "关注";
    trigger_scan: "Scanned a code", "扫码";
    trigger_payment: "Paid", "付款";
    trigger_enter: "Entered the chat", "进入会话";
    clock: "Clock", "时钟";
    real_time: "real time", "真实时间";
    ahead: "ahead of real time by", "比真实时间快";
    behind: "behind real time by", "比真实时间慢";
    advance: "Advance", "前进";
    by: "By", "时长";
    to_real_time: "Back to real time", "恢复真实时间";
    retries: "WeChat Pay tells again", "微信支付待重发";
    settings: "Account", "账号设置";
    settings_none: "Open a chat to see the account's settings.", "打开一个聊天，查看账号设置。";
    callback: "Callback URL", "回调地址";
    token: "Token", "Token";
    aes_key: "EncodingAESKey", "EncodingAESKey";
    mode: "Mode", "消息模式";
    mode_plain: "plain", "明文";
    mode_compatible: "compatible", "兼容";
    mode_safe: "safe", "安全";
    save: "Save", "保存";
    verify: "Verify URL", "验证地址";
    saved: "Saved.", "已保存。";
    verified: "Verified", "验证通过";
    faults: "Faults", "故障注入";
    faults_none: "Nothing goes wrong on purpose.", "没有设置故障。";
    fault_on: "Where", "位置";
    fault_do: "What", "故障";
    fault_value: "Value", "取值";
    fault_how_often: "How often", "频率";
    fault_once: "once", "一次";
    fault_times: "n times", "n 次";
    fault_every: "every n-th", "每 n 次";
    fault_probability: "probability", "概率";
    fault_n: "n", "n";
    fault_add: "Add fault", "添加故障";
    fault_value_hint: "errcode, milliseconds, status or copies", "错误码、毫秒、状态码或份数";
    remove: "Remove", "移除";
    remove_all: "Remove all", "全部移除";
    happened: "happened", "已发生";

    // What is told after a form
    no_callback: "This account has no callback, so nothing was sent. Set one under Account.", "此账号没有回调地址，什么也没有发出。请在“账号设置”里填写。";
    no_good_answer: "The receiver gave no good answer; the wire says why.", "接收方没有给出正确应答，原因见线路。";
    sent_again: "Sent.", "已发送。";
    bad_amount: "The amount must be yuan with at most two decimals, such as 12.90.", "金额必须是最多两位小数的元，例如 12.90。";
    bad_name: "A name must not be empty.", "名字不能为空。";
    broke_off: "It broke off; the mock's log says why.", "操作中断，原因见 mock 的日志。";

    // Why a push failed, and what to do
    hint_refused: "Nothing listens there. Start your server on this address, or change the callback under Account.", "该地址没有服务在监听。请在此地址启动服务，或在“账号设置”里修改回调地址。";
    hint_status_auth: "The receiver refused it. Are token, EncodingAESKey and AppID the same on both sides?", "接收方拒绝了请求。两边的 Token、EncodingAESKey 和 AppID 是否一致？";
    hint_not_found: "There is a server, but not under this path. Compare the callback with the server's routes.", "服务存在，但没有这个路径。请核对回调地址。";
    hint_late: "WeChat waits 5 seconds for the whole answer. Answer success first and send a customer-service message later.", "微信只等 5 秒。请先回复 success，再发送客服消息。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_comes_before_the_browser_and_english_is_the_rest() {
        assert_eq!(Language::of(None, "zh-TW,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::of(None, "de,zh;q=0.5"), Language::English);
        assert_eq!(Language::of(Some("en"), "zh"), Language::English);
        assert_eq!(Language::of(None, ""), Language::English);
    }
}
