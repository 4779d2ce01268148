"""WeRoBot's client against a running mock-wechat. Its addresses are absolute, so WeChat's hosts are led to the mock
below; nothing else is changed.

usage: werobot_client.py URL APPID SECRET OPENID UNIONID
"""

import io
import os
import re
import sys

from requests.adapters import HTTPAdapter
from werobot.client import Client, ClientException
from werobot.replies import Article

URL, APPID, SECRET, OPENID, UNIONID = sys.argv[1:6]
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"

# The mock is on this machine: past any proxy.
os.environ["NO_PROXY"] = "*"
send = HTTPAdapter.send


def to_the_mock(adapter, request, **options):
    request.url = re.sub(r"^https://(api|mp)\.weixin\.qq\.com", URL, request.url)
    return send(adapter, request, **options)


HTTPAdapter.send = to_the_mock


def refused(code, call):
    try:
        call()
    except ClientException as error:
        assert str(error).startswith(f"{code}: "), error
        return
    raise AssertionError(f"{code} was expected")


client = Client({"APP_ID": APPID, "APP_SECRET": SECRET})

# Tokens, people.
granted = client.grant_token()
assert granted.keys() == {"access_token", "expires_in"}, granted
assert client.token == client.token, "the token is kept for as long as it says"
refused(40125, lambda: Client({"APP_ID": APPID, "APP_SECRET": "0" * 32}).token)
info = client.get_user_info(OPENID)
assert info["subscribe"] == 1 and info["unionid"] == UNIONID, info
assert client.get_users_info([OPENID])["user_info_list"][0]["unionid"] == UNIONID
assert client.get_followers()["data"]["openid"] == [OPENID]
assert client.get_followers(OPENID)["count"] == 0
client.remark_user(OPENID, "贵宾")
assert client.get_user_info(OPENID, lang="en")["remark"] == "贵宾"
refused(40003, lambda: client.get_user_info("oNobody"))
assert client.get_ip_list()["ip_list"]

# Tags.
tag_id = client.create_tag("gold")["tag"]["id"]
client.tag_users(tag_id, [OPENID])
assert client.get_tags_by_user(OPENID)["tagid_list"] == [tag_id]
assert client.get_users_by_tag(tag_id)["data"]["openid"] == [OPENID]
client.update_tag(tag_id, "silver")
assert {"id": tag_id, "name": "silver", "count": 1} in client.get_tags()["tags"]
client.untag_users(tag_id, [OPENID])
refused(45157, lambda: client.create_tag("silver"))
client.delete_tag(tag_id)

# Messages.
client.send_text_message(OPENID, "来自 WeRoBot")
media_id = client.upload_media("image", io.BytesIO(JPEG))["media_id"]
assert client.download_media(media_id).content == JPEG
client.send_image_message(OPENID, media_id)
refused(45008, lambda: client.send_article_message(OPENID, [Article("a", "b", "https://example.com/a.jpg", "c")] * 2))
refused(40007, lambda: client.send_image_message(OPENID, "made-up"))
listed = client.get("https://api.weixin.qq.com/cgi-bin/template/get_all_private_template")["template_list"]
data = {"keyword1": {"value": "消费"}, "keyword2": {"value": "+1"}}
assert client.send_template_message(OPENID, listed[0]["template_id"], data)["msgid"] > 2**53
refused(40037, lambda: client.send_template_message(OPENID, "made-up", data))

# Messages to many.
sent = client.send_mass_msg("text", "给所有人", client_msg_id="m1")
assert sent["errcode"] == 0 and sent["msg_id"], sent
refused(45066, lambda: client.send_mass_msg("text", "给所有人", client_msg_id="m1"))
assert client.get_mass_msg_status(sent["msg_id"])["msg_status"] == "SEND_SUCCESS"
client.send_mass_preview_to_user("text", "预览", OPENID)
client.delete_mass_msg(sent["msg_id"])

# Permanent files.
kept = client.upload_permanent_media("image", io.BytesIO(JPEG))
assert kept["url"] and client.download_permanent_media(kept["media_id"]).content == JPEG
assert client.get_media_count()["image_count"] == 1
assert client.get_media_list("image", 0, 20)["item"][0]["media_id"] == kept["media_id"]
client.delete_permanent_media(kept["media_id"])
refused(40007, lambda: client.delete_permanent_media(kept["media_id"]))

# QR codes.
made = client.create_qrcode({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}})
assert client.show_qrcode(made["ticket"]).content.startswith(b"\xff\xd8")
assert client.show_qrcode("made up").status_code == 404

# Menus.
button = {"type": "click", "name": "积分", "key": "POINTS"}
client.create_menu({"button": [button]})
assert client.get_menu()["menu"]["button"][0]["key"] == "POINTS"
assert client.get_custom_menu_config()["is_menu_open"] == 1
menu_id = client.create_custom_menu([button], {"tag_id": "2"})["menuid"]
assert client.match_custom_menu(OPENID)["button"][0]["name"] == "积分"
client.delete_custom_menu(menu_id)
client.delete_menu()
refused(46003, client.get_menu)

print("WeRoBot is content")
