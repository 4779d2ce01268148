//! What a third-party platform is told of mini-programs that it registers or files for others. These have an `InfoType`
//! in the place of `MsgType` and `Event`, and the mini-program's AppID is `appid`, in small letters.

use super::kind::{
    Field::{G, N, T},
    Kind, told,
};

pub(crate) const COMPONENT: &[Kind] = &[
    // Spelled so by WeChat.
    told(
        "notify_third_fasteregister",
        &[
            T("appid", "wx0123456789abcdef"),
            N("status", "0"),
            T("auth_code", "queryauthcode@@@made-up"),
            T("msg", "OK"),
            G(
                "info",
                &[
                    T("name", "某某茶业有限公司"),
                    T("code", "91310000MA1FL00000"),
                    N("code_type", "1"),
                    T("legal_persona_wechat", "anna"),
                    T("legal_persona_name", "林某"),
                    T("component_phone", "1234567"),
                ],
            ),
        ],
    ),
    told(
        "notify_third_fastregisterbetaapp",
        &[
            T("appid", "wx0123456789abcdef"),
            N("status", "0"),
            T("msg", "OK"),
            G("info", &[T("unique_id", "beta-1"), T("name", "茶业试用")]),
        ],
    ),
    told(
        "notify_third_fastverifybetaapp",
        &[
            T("appid", "wx0123456789abcdef"),
            N("status", "0"),
            T("msg", "OK"),
            G("info", &[T("name", "某某茶业有限公司"), T("code", "91310000MA1FL00000"), N("code_type", "1")]),
        ],
    ),
    told(
        "notify_3rd_wxa_auth",
        &[
            T("appid", "wx0123456789abcdef"),
            N("status", "0"),
            T("msg", "OK"),
            G("info", &[T("taskid", "task-1")]),
        ],
    ),
    told(
        "notify_3rd_wxa_wxverify",
        &[
            T("appid", "wx0123456789abcdef"),
            N("status", "0"),
            T("msg", "OK"),
            G("info", &[T("taskid", "task-2")]),
        ],
    ),
    told(
        "notify_apply_icpfiling_result",
        &[T("appid", "wx0123456789abcdef"), N("status", "6"), T("msg", "OK"), G("info", &[])],
    ),
];
