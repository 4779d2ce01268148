// An Official Account's server in Koa and co-wechat: a welcome by the code that was scanned, an answer to a text.
'use strict';

const Koa = require('koa');
const wechat = require('co-wechat');

const config = {
  token: 'localtoken',
  appid: 'wx00000000000000aa',
  encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};

async function reply(message) {
  if (message.MsgType === 'text') return `You said: ${message.Content}`;
  if (message.Event === 'subscribe') {
    const scene = (message.EventKey || '').replace(/^qrscene_/, '');
    return scene ? `Welcome from ${scene}!` : 'Welcome!';
  }
  if (message.Event === 'CLICK' && message.EventKey === 'POINTS') return 'You have 100 points.';
  return ''; // co-wechat would make a text of any word
}

module.exports = new Koa().use(wechat(config).middleware(reply));
