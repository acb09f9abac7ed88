// Shows a packet's bytes and fields beside the page, and filters the table. Everything that the capture contains is put in as text, never as HTML.
'use strict';
(function () {
  var data = JSON.parse(document.getElementById('packets-data').textContent);
  var texts = data.texts, panel = document.getElementById('detail'), byNumber = {}, current = 0, before = null;
  data.packets.forEach(function (packet, index) { packet.index = index; byNumber[packet.n] = packet; });

  function text(index) { return index < 0 ? '' : texts[index]; }
  function make(tag, className, content) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  }

  // A field as the page has it: name, offset, length, mask, value, meaning, section, violation, children.
  function read(field) {
    return { name: text(field[0]), offset: field[1], length: field[2], mask: field[3], value: text(field[4]), meaning: text(field[5]), section: text(field[6]), violation: text(field[7]), children: field[8].map(read) };
  }
  function bits(value, mask) {
    var out = '';
    for (var bit = 128; bit >= 1; bit >>= 1) out += mask & bit ? (value & bit ? '1' : '0') : '.';
    return out;
  }

  function show(packet) {
    var fields = packet.fields.map(read), owners = [], rows = [], colour = 0, bytes = packet.hex.match(/../g) || [], hex = make('div', 'hex'), cells = [];
    var table = make('table', 'fields'), body = make('tbody');
    function lit(list, row, on) {
      list.forEach(function (cell) { cell.classList.toggle('lit', on); });
      if (row) row.classList.toggle('lit', on);
    }
    function link(element, list, row) {
      ['mouseenter', 'focus'].forEach(function (event) { element.addEventListener(event, function () { lit(list(), row, true); }); });
      ['mouseleave', 'blur'].forEach(function (event) { element.addEventListener(event, function () { lit(list(), row, false); }); });
    }
    function cellsOf(field) {
      return cells.filter(function (cell) { return cell.at >= field.offset && cell.at < field.offset + Math.max(1, field.length); });
    }
    function add(field, depth) {
      var isGroup = depth === 0, row = make('tr', isGroup ? 'group' : ''), name = make('td'), value = make('td'), own = -1;
      var leaf = field.children.length === 0 || field.children.every(function (child) { return child.mask !== 255; });
      if (leaf && field.mask === 255 && field.length > 0) {
        own = colour++ % 8;
        for (var i = field.offset; i < field.offset + field.length && i < bytes.length; i++) owners[i] = { colour: own, row: row, field: field };
      }
      name.style.paddingLeft = 4 + Math.max(0, depth - 1) * 16 + 'px';
      if (own >= 0) name.appendChild(make('span', 'swatch k' + own));
      name.appendChild(document.createTextNode(field.name + (isGroup ? ', ' + field.length + (field.length === 1 ? ' byte' : ' bytes') : '')));
      if (field.mask !== 255) value.appendChild(make('span', 'bits', bits(parseInt(bytes[field.offset], 16), field.mask) + ' '));
      value.appendChild(document.createTextNode(field.value));
      if (field.meaning) value.appendChild(make('span', 'meaning', (field.value ? ' \u2013 ' : '') + field.meaning));
      if (field.violation) value.appendChild(make('div', 'violation', field.violation));
      if (isGroup) {
        name.colSpan = 4;
        row.append(name);
      } else {
        row.append(make('td', 'number dim', String(field.offset)), name, value, make('td', 'section', field.section));
        row.tabIndex = 0;
        link(row, function () { return cellsOf(field); }, row);
      }
      body.appendChild(row);
      field.children.forEach(function (child) { add(child, depth + 1); });
    }
    var head = make('thead'), headings = make('tr');
    ['Byte', 'Field', 'Value and meaning', 'Section'].forEach(function (title) { var cell = make('th', '', title); cell.scope = 'col'; headings.appendChild(cell); });
    head.appendChild(headings);
    table.append(head, body);
    fields.forEach(function (field) { add(field, 0); });

    for (var start = 0; start < bytes.length; start += 16) {
      var line = make('span'), ascii = make('span', 'ascii');
      bytes.slice(start, start + 16).forEach(function (byte, i) {
        var owner = owners[start + i], className = 'byte' + (owner ? ' k' + owner.colour : ''), code = parseInt(byte, 16);
        var cell = make('span', className, byte === '**' ? '\u00b7\u00b7' : byte), character = make('span', className, code > 32 && code < 127 ? String.fromCharCode(code) : '\u00b7');
        [cell, character].forEach(function (each) {
          each.at = start + i;
          if (owner) {
            each.title = owner.field.name + (owner.field.value ? ': ' + owner.field.value : '') + (owner.field.children.length ? '\n' + owner.field.children.map(function (child) { return bits(code, child.mask) + ' ' + child.name + ': ' + child.value; }).join('\n') : '');
            link(each, function () { return cellsOf(owner.field); }, owner.row);
          }
          cells.push(each);
        });
        line.appendChild(cell);
        ascii.appendChild(character);
      });
      hex.append(make('span', 'offset', ('000' + start.toString(16)).slice(-4)), line, ascii);
    }

    panel.textContent = '';
    var bar = make('div', 'bar');
    [['\u2191', 'Packet before', -1], ['\u2193', 'Next packet', 1], ['\u2715', 'Close', 0]].forEach(function (entry) {
      var button = make('button', '', entry[0]);
      button.type = 'button';
      button.title = entry[1];
      button.setAttribute('aria-label', entry[1]);
      button.addEventListener('click', function () { if (entry[2] === 0) close(); else step(entry[2]); });
      bar.appendChild(button);
    });
    panel.append(bar, make('h2', '', 'Packet ' + packet.n + ', ' + text(packet.heading)), make('div', 'dim', text(packet.about)));
    packet.wrong.forEach(function (index) { panel.appendChild(make('p', 'wrong', '\u2716 ' + text(index))); });
    panel.append(hex);
    if (packet.length > bytes.length) panel.append(make('p', 'dim', 'The first ' + bytes.length + ' of ' + packet.length + ' bytes.'));
    panel.append(table);
    panel.scrollTop = 0;
  }

  function open(number, scrolls) {
    var packet = byNumber[number], row = document.getElementById('packet-' + number);
    if (!packet) return false;
    show(packet);
    if (panel.hidden) before = document.activeElement;
    panel.hidden = false;
    document.body.classList.add('open');
    document.querySelectorAll('tr.chosen').forEach(function (each) { each.classList.remove('chosen'); });
    if (row) {
      row.classList.add('chosen');
      if (scrolls) row.scrollIntoView({ block: 'center', behavior: 'instant' });
    }
    current = number;
    return true;
  }
  function close() {
    panel.hidden = true;
    document.body.classList.remove('open');
    history.replaceState(null, '', location.pathname + location.search);
    if (before && before.focus) before.focus();
  }
  function step(by) {
    var next = data.packets[byNumber[current].index + by];
    if (next) {
      history.replaceState(null, '', '#packet-' + next.n);
      open(next.n, false);
    }
  }
  function fromAddress(scrolls) {
    var match = /^#packet-(\d+)$/.exec(location.hash);
    if (match) open(Number(match[1]), scrolls);
  }

  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#packet-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!open(Number(link.getAttribute('href').slice(8)), false)) return;
    event.preventDefault();
    history.pushState(null, '', link.getAttribute('href'));
    panel.focus();
  });
  document.addEventListener('keydown', function (event) {
    if (panel.hidden || event.target.tagName === 'INPUT') return;
    if (event.key === 'Escape') close();
    else if (event.key === 'j') step(1);
    else if (event.key === 'k') step(-1);
  });
  window.addEventListener('popstate', function () { if (location.hash) fromAddress(false); });

  var input = document.getElementById('filter'), count = document.getElementById('filter-count'), all = Array.prototype.slice.call(document.querySelectorAll('#packet-rows tr'));
  document.querySelector('.filter').hidden = false;
  input.addEventListener('input', function () {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    all.forEach(function (row) {
      var content = row.textContent.toLowerCase(), fits = words.every(function (word) { return content.indexOf(word) >= 0; });
      row.hidden = !fits;
      if (fits) shown++;
    });
    count.textContent = words.length ? shown + ' of ' + all.length : '';
  });
  fromAddress(true);
})();
