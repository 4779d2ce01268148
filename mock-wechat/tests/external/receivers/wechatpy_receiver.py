"""An Official Account's server in wechatpy: wechatpy_receiver.py MODE. Prints its URL once it listens."""

import sys
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import ArticlesReply, EmptyReply, ImageReply, TextReply
from wechatpy.utils import check_signature

TOKEN = "localtoken"
encrypted = sys.argv[1] != "plain"
crypto = WeChatCrypto(TOKEN, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx00000000000000aa")


def reply(message):
    if message.type == "text" and message.content == "news":
        article = {"title": "会员日", "description": "双倍积分", "image": "https://m.example.com/a.jpg"}
        return ArticlesReply(message=message, articles=[article | {"url": "https://m.example.com/"}])
    if message.type == "text" and message.content == "picture":
        return ImageReply(message=message, media_id="3xYz-picture")
    if message.type == "text":
        return TextReply(message=message, content=f"You said: {message.content}")
    if message.type == "event" and message.event == "subscribe":
        return TextReply(message=message, content="Welcome!")
    if message.type == "event" and message.event == "subscribe_scan":
        return TextReply(message=message, content=f"Welcome from {message.scene_id}!")
    if message.type == "event" and message.event == "click" and message.key == "POINTS":
        return TextReply(message=message, content="You have 100 points.")
    return EmptyReply()


def answer(query, body):
    timestamp, nonce = query["timestamp"], query["nonce"]
    check_signature(TOKEN, query["signature"], timestamp, nonce)
    if "echostr" in query:
        return query["echostr"]
    if not encrypted:
        return reply(parse_message(body)).render()
    opened = crypto.decrypt_message(body, query["msg_signature"], timestamp, nonce)
    said = reply(parse_message(opened)).render()
    return crypto.encrypt_message(said, nonce, timestamp) if said else ""


def server(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        said = answer(dict(parse_qsl(environ["QUERY_STRING"])), body)
    except (InvalidAppIdException, InvalidSignatureException):
        start_response("403 Forbidden", [])
        return [b""]
    start_response("200 OK", [("Content-Type", "application/xml; charset=utf-8")])
    return [said.encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with make_server("127.0.0.1", 0, server, handler_class=Quiet) as server:
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
