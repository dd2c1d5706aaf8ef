/* What a browser adds where scripts run. No page needs it: drafts kept while one types, keys, the quick exit, passkeys. */
(function () {
  'use strict';
  var doc = document;

  function all(selector, within) {
    return Array.prototype.slice.call((within || doc).querySelectorAll(selector));
  }

  /* A number in the reader's digits. */
  function digits(number) {
    var text = String(number);
    if (doc.documentElement.dataset.digits !== 'deva') { return text; }
    return text.replace(/\d/g, function (digit) { return String.fromCharCode(0x966 + Number(digit)); });
  }

  /* The quick exit: three times Shift, or the button. The page is gone before the next one has come. */
  var leave = doc.querySelector('[data-leave]');
  var shifts = [];
  var gone = false;
  function go() {
    gone = true;
    doc.documentElement.style.display = 'none';
    doc.title = '';
    window.location.replace(leave.href);
  }
  if (leave) {
    leave.addEventListener('click', function (event) { event.preventDefault(); go(); });
    doc.addEventListener('keydown', function (event) {
      if (event.key !== 'Shift') { shifts = []; return; }
      if (event.repeat) { return; }
      shifts = shifts.filter(function (at) { return event.timeStamp - at < 2000; });
      shifts.push(event.timeStamp);
      if (shifts.length >= 3) { go(); }
    });
  }

  /* Drafts: what changed goes to the server a moment after it was typed; without a line it waits in the page. */
  all('form[data-draft]').forEach(function (form) {
    var said = doc.getElementById('draft-said');
    var words = form.dataset;
    /* Each by the name of its field: what is not sent yet, what is on its way, what the server has. */
    var changed = {};
    var sent = {};
    var had = {};
    var timer = null;
    var busy = false;
    var leaving = false;
    var after = null;

    function tell(text, tone) {
      if (said && said.textContent !== text) { said.textContent = text; said.className = 'draft-said ' + (tone || ''); }
    }
    function any(fields) { return Object.keys(fields).length > 0; }
    function waiting() { return any(changed) || any(sent); }
    function typed(name) { return JSON.stringify(new FormData(form).getAll(name)); }
    function body(names) {
      var data = new URLSearchParams();
      ['csrf_token', 'by', 'seen'].forEach(function (name) {
        if (form.elements[name]) { data.append(name, form.elements[name].value); }
      });
      var values = new FormData(form);
      names.forEach(function (name) {
        data.append('name', name);
        values.getAll(name).forEach(function (value) { data.append('f.' + name, value); });
      });
      return data;
    }
    function show(kept) {
      tell(words.saved + ' ' + kept.saved);
      all('[data-section]', form).forEach(function (section) {
        section.hidden = kept.left_out.indexOf(Number(section.dataset.section)) >= 0;
      });
      /* A date as it was read, in both calendars. */
      all('[data-understood]', form).forEach(function (line) {
        if (line.dataset.understood in kept.understood) { line.textContent = kept.understood[line.dataset.understood]; }
      });
      var follows = doc.getElementById('follows');
      if (follows) {
        follows.hidden = !kept.follows.length;
        follows.lastElementChild.textContent = kept.follows.join(' · ');
      }
    }
    function fail(text) {
      Object.keys(sent).forEach(function (name) { changed[name] = true; });
      sent = {};
      tell(text, 'text-late');
      return false;
    }
    function keep() {
      if (busy || leaving || !any(changed)) { return; }
      busy = true;
      Object.keys(changed).forEach(function (name) { sent[name] = typed(name); });
      changed = {};
      fetch(words.draft, { method: 'POST', body: body(Object.keys(sent)), keepalive: true, redirect: 'manual' })
        .then(function (answer) {
          if (answer.status === 200) {
            return answer.json().then(function (kept) {
              Object.keys(sent).forEach(function (name) { had[name] = sent[name]; });
              sent = {};
              show(kept);
              return true;
            });
          }
          return fail(answer.status === 413 ? words.large : answer.status === 401 || answer.type === 'opaqueredirect' ? words.ended : words.unsaved);
        })
        .catch(function () { later(5000); return fail(words.offline); })
        .then(function (kept) {
          busy = false;
          if (after && !(kept && any(changed) && !leaving)) { after(); }
          else if (after) { keep(); }
          else if (any(changed) && !timer) { later(2000); }
        });
    }
    function later(pause) {
      clearTimeout(timer);
      timer = setTimeout(function () { timer = null; keep(); }, pause);
    }
    function note(event) {
      var name = event.target.name;
      if (!name || event.target.type === 'hidden') { return; }
      /* A field that is left tells of a change again, although what it says is kept. */
      if (typed(name) === (name in sent ? sent : had)[name]) { delete changed[name]; return; }
      changed[name] = true;
      /* What was chosen may show or hide a part of the form: that waits for nothing. */
      later(/^(radio|checkbox|select-one)$/.test(event.target.type) ? 30 : 800);
    }
    /* Go on once what was typed is kept, or after three seconds: then the browser asks whether to leave. */
    function onceKept(act) {
      function goOn() { if (after === goOn) { after = null; act(); } }
      after = goOn;
      clearTimeout(timer);
      timer = null;
      keep();
      setTimeout(goOn, 3000);
    }
    form.addEventListener('input', note);
    form.addEventListener('change', note);
    form.addEventListener('focusout', function () { if (timer) { later(0); } });
    doc.addEventListener('visibilitychange', function () { if (doc.hidden) { keep(); } });
    window.addEventListener('online', keep);
    /* A draft on its way must arrive before a form does, or it would come back as something new. */
    doc.addEventListener('submit', function (event) {
      var ours = event.target === form;
      if (ours) { leaving = true; clearTimeout(timer); }
      if (after || !(ours ? busy : waiting()) || event.target.dataset.waited || !event.target.requestSubmit) { return; }
      event.preventDefault();
      onceKept(function () {
        event.target.dataset.waited = '1';
        event.target.requestSubmit(event.submitter);
        delete event.target.dataset.waited;
      });
    });
    doc.addEventListener('click', function (event) {
      var link = event.target.closest('a[href]');
      if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
      if (!waiting() || after || link.getAttribute('href').charAt(0) === '#') { return; }
      event.preventDefault();
      onceKept(function () { window.location.href = link.href; });
    });
    window.addEventListener('beforeunload', function (event) {
      if (waiting() && !leaving && !gone) { event.preventDefault(); event.returnValue = ''; }
    });
    all('[data-section]', form).forEach(function (section) {
      section.hidden = (words.leftOut || '').split(',').indexOf(section.dataset.section) >= 0;
    });
  });

  /* Lists of rows: more of them without asking the server, and Enter goes down as in a table. */
  all('button[name=more_rows]').forEach(function (button) {
    var body = button.parentNode.querySelector('.rows tbody');
    function another() {
      var last = body.rows[body.rows.length - 1];
      var row = last.cloneNode(true);
      var number = body.rows.length;
      row.cells[0].textContent = digits(number + 1);
      all('[name]', row).forEach(function (cell) {
        cell.name = cell.name.replace(/^([a-z0-9_]+)\.\d+\./, '$1.' + number + '.');
        cell.id = 'c-' + cell.name;
        cell.setAttribute('aria-label', cell.getAttribute('aria-label').replace(/[\d\u0966-\u096f]+$/, digits(number + 1)));
        if (cell.tagName === 'SELECT') { cell.selectedIndex = 0; } else { cell.value = ''; }
      });
      all('[data-understood]', row).forEach(function (line) {
        line.dataset.understood = line.dataset.understood.replace(/\.\d+\./, '.' + number + '.');
        line.textContent = '';
      });
      body.appendChild(row);
      return row;
    }
    if (!body || !body.rows.length) { return; }
    button.addEventListener('click', function (event) {
      event.preventDefault();
      var first = another();
      for (var n = 1; n < 10; n += 1) { another(); }
      first.querySelector('[name]').focus();
    });
    body.addEventListener('keydown', function (event) {
      if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') { return; }
      event.preventDefault();
      var here = event.target.closest('tr');
      var row = here.nextElementSibling || another();
      row.cells[event.target.closest('td').cellIndex].querySelector('[name]').focus();
    });
  });

  /* On a phone a long form is one section at a time; where something is wrong, all of it. */
  all('form[data-draft]').forEach(function (form) {
    var sections = all('[data-section]', form);
    if (window.innerWidth > 480 || sections.length < 3 || form.querySelector('.is-wrong')) { return; }
    var current = 0;
    var line = doc.createElement('div');
    line.className = 'paging';
    var back = doc.createElement('button');
    var next = doc.createElement('button');
    var place = doc.createElement('span');
    [[back, form.dataset.back], [next, form.dataset.next]].forEach(function (pair) {
      pair[0].type = 'button';
      pair[0].className = 'btn btn-side';
      pair[0].textContent = pair[1];
    });
    place.className = 'quiet';
    place.setAttribute('role', 'status');
    [back, place, next].forEach(function (part) { line.appendChild(part); });
    sections[sections.length - 1].after(line);
    function asked() { return sections.filter(function (section) { return !section.hidden; }); }
    function show(to, look) {
      var open = asked();
      current = Math.max(0, Math.min(open.length - 1, to));
      sections.forEach(function (section) { section.classList.toggle('aside-now', section !== open[current]); });
      back.hidden = current === 0;
      next.hidden = current === open.length - 1;
      place.textContent = digits(current + 1) + ' / ' + digits(open.length);
      if (look) { open[current].scrollIntoView({ block: 'start' }); }
    }
    back.addEventListener('click', function () { show(current - 1, true); });
    next.addEventListener('click', function () { show(current + 1, true); });
    form.addEventListener('change', function () { setTimeout(function () { show(current, false); }, 1500); });
    /* A link may lead to one field: its part is shown first. */
    var aim = doc.getElementById(window.location.hash.slice(1));
    show(aim ? asked().indexOf(aim.closest('[data-section]')) : 0, false);
    if (aim) { aim.scrollIntoView({ block: 'center' }); }
  });

  /* Lists: j and k move, Enter opens, / finds, ? tells. */
  var rows = all('[data-row]');
  var keys = doc.getElementById('keys');
  var at = -1;
  function typing(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable; }
  function move(step) {
    if (!rows.length) { return; }
    at = Math.max(0, Math.min(rows.length - 1, at + step));
    rows[at].querySelector('a').focus();
    rows[at].scrollIntoView({ block: 'nearest' });
  }
  doc.addEventListener('keydown', function (event) {
    if (typing(event.target) || event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (event.key === 'j') { move(1); }
    else if (event.key === 'k') { move(-1); }
    else if (event.key === '?' && keys && keys.showModal) { keys.showModal(); }
    else if (event.key === '/' && doc.querySelector('[data-find]')) { event.preventDefault(); doc.querySelector('[data-find]').focus(); }
  });

  /* Choosing all of a page. */
  all('[data-all]').forEach(function (line) {
    line.hidden = false;
    line.querySelector('input').addEventListener('change', function (event) {
      all('input[name=number]', line.closest('form')).forEach(function (box) { box.checked = event.target.checked; });
    });
  });

  /* Counts that are true while the page is open. */
  var news = doc.querySelector('[data-counts]');
  function count() {
    if (doc.hidden) { return; }
    fetch(news.dataset.counts, { redirect: 'manual', headers: { 'X-Quiet': '1' } })
      .then(function (answer) { return answer.status === 200 ? answer.json() : null; })
      .then(function (counts) {
        if (!counts) { return; }
        var fresh = Object.keys(counts).some(function (name) {
          var shown = doc.querySelector('[data-count="' + name + '"]');
          return shown ? Number(shown.dataset.n) !== counts[name] : counts[name] > 0;
        });
        news.className = fresh ? 'note' : '';
        news.textContent = fresh ? news.dataset.news : '';
      })
      .catch(function () {});
  }
  if (news) { setInterval(count, 60000); }

  /* One press is enough. */
  doc.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener('pageshow', function () { all('form[data-sent]').forEach(function (form) { delete form.dataset.sent; }); });
})();

/* Making and using passkeys. What has to do with them stays hidden where no script runs or the browser knows none. */
(function () {
  'use strict';
  var doc = document;
  if (!window.PublicKeyCredential || !navigator.credentials || !window.fetch) { return; }

  /* What the server writes as base64url, as the bytes that a browser takes; and back. */
  function bytes(text) {
    var plain = window.atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }
  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return window.btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function understood(asked) {
    asked.challenge = bytes(asked.challenge);
    if (asked.user) { asked.user.id = bytes(asked.user.id); }
    (asked.excludeCredentials || []).concat(asked.allowCredentials || []).forEach(function (one) { one.id = bytes(one.id); });
    return { publicKey: asked };
  }
  function written(found) {
    var response = {};
    ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'].forEach(function (name) {
      if (found.response[name]) { response[name] = text(found.response[name]); }
    });
    return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response: response });
  }

  Array.prototype.forEach.call(doc.querySelectorAll('form[data-passkey]'), function (form) {
    var said = form.querySelector('[role=alert]');
    var busy = false;
    (form.closest('[data-passkeys]') || form).hidden = false;

    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (busy) { return; }
      busy = true;
      said.textContent = '';
      fetch(form.dataset.ask, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' })
        .then(function (answer) { return answer.json(); })
        .then(function (asked) {
          if (asked.wrong) { throw asked; }
          return navigator.credentials[form.dataset.passkey](understood(asked));
        })
        .then(function (found) {
          form.elements.credential.value = written(found);
          if (form.elements.password) { form.elements.password.disabled = true; }
          form.submit();
        })
        .catch(function (problem) {
          busy = false;
          said.textContent = problem.wrong || (problem.name === 'InvalidStateError' ? form.dataset.known : form.dataset.failed);
        });
    });
  });
}());
