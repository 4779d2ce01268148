"""An Official Account's server in WeRoBot: a welcome by the code that was scanned, an answer to what is written."""

from werobot import WeRoBot

ACCOUNT = {"token": "localtoken", "SESSION_STORAGE": False}
KEYS = {"APP_ID": "wx00000000000000aa", "ENCODING_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}


def robot(encrypted):
    """The bot. One that has a key encrypts every reply, so an account in plain mode takes one without."""
    bot = WeRoBot(**ACCOUNT, **(KEYS if encrypted else {}))
    bot.subscribe(welcome)
    bot.key_click("POINTS")(points)
    bot.text(answer)
    return bot


def welcome(event):
    scene = (event.key or "").removeprefix("qrscene_")
    return f"Welcome from {scene}!" if scene else "Welcome!"


def points(event):
    return "You have 100 points."


def answer(message):
    return f"You said: {message.content}"
