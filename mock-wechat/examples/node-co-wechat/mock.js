// mock-wechat on a free port, and its control API as far as the tests need it.
'use strict';

const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');

class WeChat {
  // MOCK_WECHAT names the program where it is not on the PATH.
  static async start() {
    const program = process.env.MOCK_WECHAT || 'mock-wechat';
    const child = spawn(program, ['serve', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await Promise.race([
      new Promise((resolve) => createInterface(child.stdout).once('line', (line) => resolve([line]))),
      new Promise((_, reject) => child.once('error', reject)),
    ]);
    return new WeChat(child, /http:[^\s,]+/.exec(line)[0]);
  }

  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  async request(method, path, body) {
    const response = await fetch(this.url + path, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  account(name, changes) {
    return this.request('PUT', `/_mock/accounts/${name}`, changes);
  }

  // Lets a person do something with `brand`: { deliveries: [...], shown: [...] }
  person(name, verb, args = {}) {
    return this.request('POST', `/_mock/people/${encodeURIComponent(name)}/${verb}`, { account: 'brand', ...args });
  }

  stop() {
    this.child.kill();
  }
}

module.exports = WeChat;
