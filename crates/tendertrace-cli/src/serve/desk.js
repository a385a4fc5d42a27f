// Keys, and highlights when something is pointed at. Every page reads and works without it.
'use strict';
(() => {
  const items = [...document.querySelectorAll('[data-item]')];
  let at = -1;
  const go = step => {
    if (!items.length) return;
    items[at]?.classList.remove('here');
    at = Math.min(Math.max(at + step, 0), items.length - 1);
    items[at].classList.add('here');
    items[at].scrollIntoView({ block: 'nearest' });
    items[at].querySelector('a')?.focus();
  };
  let waits = '';
  const places = { s: '/', f: '/search', q: '/queue', a: '/questions', p: '/parties', c: '/claims', l: '/letters', o: '/screenings', v: '/pictures' };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.('input:not([type=hidden]), textarea, select');
    if (event.key === 'Escape' && typing) return typing.blur();
    if (typing) return;
    if (waits === 'g') {
      waits = '';
      if (places[event.key]) location.href = places[event.key];
      return;
    }
    if (event.key === 'g') waits = 'g';
    else if (event.key === 'j') go(1);
    else if (event.key === 'k') go(-1);
    else if (event.key === '/') {
      const fields = document.querySelectorAll('input[type=search]');
      const field = fields[fields.length - 1];
      field?.focus();
      field?.select();
      event.preventDefault();
    } else document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
  const light = (from, on) => {
    for (const number of (from.dataset.m || '').split(' ').filter(Boolean)) {
      for (const other of document.querySelectorAll(`[data-m~="${number}"]`)) {
        other.classList.toggle(other.tagName === 'MARK' ? 'lit' : 'lit-row', on);
      }
    }
  };
  for (const kind of [['pointerover', true], ['pointerout', false], ['focusin', true], ['focusout', false]]) {
    document.addEventListener(kind[0], event => {
      const from = event.target.closest?.('[data-m]');
      if (from) light(from, kind[1]);
    });
  }
})();
