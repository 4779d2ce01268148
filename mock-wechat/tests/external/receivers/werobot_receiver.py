"""An Official Account's server in WeRoBot: werobot_receiver.py MODE. Prints its URL once it listens."""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from werobot import WeRoBot
from werobot.replies import Article, ArticlesReply, ImageReply

KEYS = {"APP_ID": "wx00000000000000aa", "ENCODING_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}

# One that has a key encrypts every reply, so an account in plain mode takes one without.
robot = WeRoBot(token="localtoken", SESSION_STORAGE=False, **({} if sys.argv[1] == "plain" else KEYS))


@robot.subscribe
def welcome(event):
    scene = (event.key or "").removeprefix("qrscene_")
    return f"Welcome from {scene}!" if scene else "Welcome!"


@robot.key_click("POINTS")
def points(event):
    return "You have 100 points."


@robot.text
def answer(message):
    if message.content == "news":
        reply = ArticlesReply(message=message)
        reply.add_article(Article("会员日", "双倍积分", "https://m.example.com/a.jpg", "https://m.example.com/"))
        return reply
    if message.content == "picture":
        return ImageReply(message=message, media_id="3xYz-picture")
    return f"You said: {message.content}"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with make_server("127.0.0.1", 0, robot.wsgi, handler_class=Quiet) as server:
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
