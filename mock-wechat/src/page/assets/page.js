// Takes over links and forms, fetches the same page, and changes in place what differs.
'use strict';
(() => {
  const regions = ['top', 'phone', 'controls', 'wire'];
  let ahead = Number(document.body.dataset.now) - Date.now(); // the mock's clock minus this one's
  let visit = 0; // counts what the person did: an answer to something older is not shown
  let opener = null; // what opened the sheet

  // ---- fetch and show

  async function show(url, options, { push = true, told = true } = {}) {
    const mine = ++visit;
    document.body.classList.add('busy');
    try {
      const response = await fetch(url, { ...options, headers: { Accept: 'text/html' } });
      const text = await response.text();
      if (!response.headers.get('content-type')?.startsWith('text/html')) return say(text);
      if (mine !== visit) return; // the live refresh brings what came of it
      const address = new URL(response.url);
      address.searchParams.delete('note');
      address.searchParams.delete('bad');
      const to = address.pathname + address.search;
      if (push && to !== location.pathname + location.search) history.pushState(null, '', to);
      apply(parse(text), told);
    } catch {
      document.getElementById('offline').hidden = false;
    } finally {
      if (mine === visit) document.body.classList.remove('busy');
    }
  }

  const parse = (text) => new DOMParser().parseFromString(text, 'text/html');

  // A note in plain text: an answer that is no page.
  function say(text) {
    const note = document.createElement('p');
    note.className = 'note bad';
    note.textContent = text;
    document.getElementById('note').replaceChildren(note);
  }

  function apply(fresh, told) {
    ahead = Number(fresh.body.dataset.now) - Date.now();
    tell(fresh);
    const chat = document.querySelector('.scroll.chat');
    const low = !chat || chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
    const sheet = document.querySelector('.sheet');
    document.body.dataset.part = fresh.body.dataset.part;
    for (const attribute of ['lang', 'data-theme']) {
      document.documentElement.setAttribute(attribute, fresh.documentElement.getAttribute(attribute));
    }
    document.title = fresh.title;
    for (const id of told ? [...regions, 'note'] : regions) {
      const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
      if (old && now) morph(old, now);
    }
    const now = document.querySelector('.scroll.chat');
    if (now && (low || now !== chat)) now.scrollTop = now.scrollHeight;
    focusSheet(sheet);
  }

  function focusSheet(before) {
    const sheet = document.querySelector('.sheet');
    if (sheet && !before) {
      (sheet.querySelector('.code:not(:disabled), input:not([type=hidden])') || sheet.querySelector('h2')).focus();
    } else if (!sheet && before && (!document.activeElement || document.activeElement === document.body)) {
      (document.getElementById(opener) || document.querySelector('.scroll[tabindex]'))?.focus({ preventScroll: true });
    }
  }

  // ---- change in place: what stays the same keeps focus, scroll position and what was typed

  function morph(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || name(old) !== name(fresh)) {
      old.replaceWith(arrive(fresh));
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    attributes(old, fresh);
    if (!old.hasAttribute('data-loaded')) children(old, fresh);
  }

  function attributes(old, fresh) {
    const stays = (attribute) => attribute === 'data-loaded' || (attribute === 'open' && old.nodeName === 'DETAILS');
    for (const { name: attribute, value } of [...fresh.attributes]) {
      if (!stays(attribute) && old.getAttribute(attribute) !== value) old.setAttribute(attribute, value);
    }
    for (const { name: attribute } of [...old.attributes]) {
      if (!stays(attribute) && !fresh.hasAttribute(attribute)) old.removeAttribute(attribute);
    }
  }

  function children(old, fresh) {
    const wanted = new Set([...fresh.childNodes].map(kind));
    const named = new Map([...old.children].filter(name).map((child) => [name(child), child]));
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const known = name(child) ? named.get(name(child)) : next(at, kind(child));
      if (!known) {
        old.insertBefore(arrive(child), at);
        continue;
      }
      while (at && at !== known && !wanted.has(kind(at))) at = without(at);
      if (at === known) at = at.nextSibling;
      else old.insertBefore(known, at);
      morph(known, child);
    }
    while (at) at = without(at);
  }

  // Not `node.id`: in a form with a field of that name it is the field.
  const name = (node) => node.getAttribute?.('id') || '';

  // What makes two nodes the same one: the id, or what they are and what they are for.
  const kind = (node) =>
    name(node) ? `#${name(node)}` : `${node.nodeName} ${node.classList?.[0] ?? ''} ${node.getAttribute?.('action') ?? ''}`;

  function next(from, wanted) {
    let node = from;
    while (node && kind(node) !== wanted) node = node.nextSibling;
    return node;
  }

  function without(node) {
    const following = node.nextSibling;
    node.remove();
    return following;
  }

  function arrive(node) {
    const adopted = document.adoptNode(node);
    if (/^(m|push|call)-/.test(name(adopted))) adopted.classList.add('new');
    return adopted;
  }

  // ---- times

  const pad = (n) => String(n).padStart(2, '0');
  const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const day = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

  function said(time) {
    const date = new Date(Number(time.dataset.ms));
    const today = day(new Date(Date.now() + ahead)) === day(date);
    if ('precise' in time.dataset) return `${clock(date)}:${pad(date.getSeconds())}`;
    return today ? clock(date) : `${day(date)} ${clock(date)}`;
  }

  function left(milliseconds) {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
  }

  // Before a fresh page is compared with the shown one, and once a second.
  function tell(root) {
    const now = Date.now() + ahead;
    for (const time of root.querySelectorAll('time[data-ms]')) {
      const date = new Date(Number(time.dataset.ms));
      time.textContent = said(time);
      time.dateTime = date.toISOString();
      time.title = `${day(date)} ${clock(date)}:${pad(date.getSeconds())}`;
    }
    for (const time of root.querySelectorAll('time[data-clock]')) {
      const date = new Date(now);
      const full = `${day(date)} ${clock(date)}:${pad(date.getSeconds())}`;
      time.textContent = time.dataset.clock === 'full' ? full : clock(date);
    }
    for (const time of root.querySelectorAll('time[data-until]')) time.textContent = left(Number(time.dataset.until) - now);
  }

  function tick() {
    tell(document);
    const now = Date.now() + ahead;
    const over = [...document.querySelectorAll('time[data-until]')].some((time) => Number(time.dataset.until) <= now);
    if (over) refresh();
  }

  // ---- live

  let refreshing = false;
  let again = false;

  async function refresh() {
    if (refreshing) {
      again = true;
      return;
    }
    refreshing = true;
    const [address, mine] = [location.href, visit];
    try {
      const response = await fetch(address, { headers: { Accept: 'text/html' } });
      const text = await response.text();
      // What the person looks at by now comes with its own answer.
      if (address === location.href && mine === visit) apply(parse(text), false);
      document.getElementById('offline').hidden = true;
    } catch {
      document.getElementById('offline').hidden = false;
    }
    setTimeout(() => {
      refreshing = false;
      if (again) {
        again = false;
        refresh();
      }
    }, 120);
  }

  function listen() {
    const live = new EventSource('/_mock/page/live');
    live.onmessage = refresh;
    live.onopen = refresh;
    live.onerror = () => {
      document.getElementById('offline').hidden = false;
    };
  }

  // ---- what the person does

  document.addEventListener('click', (event) => {
    const copy = event.target.closest('[data-copy]');
    if (copy) return take(copy);
    const link = event.target.closest('a');
    const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    for (const menu of document.querySelectorAll('details.drop[open], details.up[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (!link || elsewhere || link.target || link.origin !== location.origin || link.pathname !== '/') return;
    event.preventDefault();
    go(link);
  });

  function go(link) {
    if (!link.closest('.sheet, .veil') && link.id) opener = link.id;
    fold(link);
    show(link.href);
  }

  // A menu that was chosen from closes.
  function fold(chosen) {
    const menu = chosen.closest('details.drop, details.up');
    if (menu) menu.open = false;
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    const button = event.submitter;
    const url = new URL(button?.getAttribute('formaction') || form.action, location.href);
    const data = new URLSearchParams(new FormData(form, button));
    event.preventDefault();
    fold(form);
    if (form.method === 'get') {
      url.search = data;
      show(url);
      return;
    }
    show(url, { method: 'POST', body: data });
    if (form.closest('.keyboard, .drop')) form.reset();
  });

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = document.querySelector('details.drop[open], details.up[open]');
    const close = document.getElementById('sheet-close') || document.getElementById('note-close');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (close) {
      go(close);
    }
  });

  async function take(button) {
    const source = document.querySelector(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      source.hidden = false; // no clipboard here: select it, to be copied by hand
      getSelection().selectAllChildren(source);
      return;
    }
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  }

  // An entry of the wire is fetched when it is opened for the first time.
  document.addEventListener(
    'toggle',
    async (event) => {
      const rest = event.target.open && event.target.querySelector(':scope > .rest:not([data-loaded])');
      if (!rest) return;
      rest.setAttribute('data-loaded', '');
      const response = await fetch(rest.dataset.from);
      rest.innerHTML = await response.text();
    },
    true,
  );

  window.addEventListener('popstate', () => show(location.href, undefined, { push: false }));

  const address = new URL(location.href);
  if (address.searchParams.has('note')) {
    address.searchParams.delete('note');
    address.searchParams.delete('bad');
    history.replaceState(null, '', address);
  }
  const chat = document.querySelector('.scroll.chat');
  if (chat) chat.scrollTop = chat.scrollHeight;
  tell(document);
  setInterval(tick, 1000);
  listen();
})();
