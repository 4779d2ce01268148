"""A WeChat per test session, and the account's server beside it."""

import json
import os
import subprocess
import threading
import urllib.parse
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from brand import robot


class WeChat:
    """The control API of mock-wechat, as far as these tests need it."""

    def __init__(self, url):
        self.url = url

    def request(self, method, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method=method)
        # Past any proxy of the machine: the mock is on this one.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
            return json.load(response)

    def account(self, name, **changes):
        return self.request("PUT", f"/_mock/accounts/{name}", changes)

    def person(self, name, verb, **arguments):
        """Lets a person do something with `brand`: {"deliveries": [...], "shown": [...]}."""
        path = f"/_mock/people/{urllib.parse.quote(name)}/{verb}"
        return self.request("POST", path, {"account": "brand", **arguments})


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session", params=["plain", "compatible", "safe"])
def server(request):
    """The account's server on a free port: its mode and its callback URL."""
    wsgi = robot(encrypted=request.param != "plain").wsgi
    with make_server("127.0.0.1", 0, wsgi, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield request.param, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def mock():
    """mock-wechat on a free port. MOCK_WECHAT names the program where it is not on the PATH."""
    program = os.environ.get("MOCK_WECHAT", "mock-wechat")
    with subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().removeprefix("mock-wechat on ").split(",")[0]
        yield WeChat(url)
        process.terminate()


@pytest.fixture
def wechat(mock, server):
    """The world as it is at start, with `brand` in the server's mode."""
    mode, callback = server
    mock.request("POST", "/_mock/reset", {})
    mock.account("brand", callback=callback, mode=mode)
    return mock
