// The tracker: page views and events of a page, sent to POST /api/v1/beacon.
// docs/tracker.md describes it. What is served is ibarura.min.js, made of this by
// go test ./internal/tracker -update.
//
// It stores nothing in the browser unless data-session="tab" asks for it, reads
// no cookie, and never throws into the page.
(function (window, document) {
  'use strict';

  var script = document.currentScript || document.querySelector('script[data-key][src*="ibarura"]');
  var setting = function (name) { return script.getAttribute('data-' + name); };
  var navigator = window.navigator;
  var location = window.location;
  var queued = (window.ibarura || {}).q || [];

  // Whatever fails here is nobody's problem but ours.
  var safely = function (f) {
    return function () { try { return f.apply(this, arguments); } catch (e) { /* the page goes on */ } };
  };

  var user, role; // who it is, if the page says so
  var view;       // the page view that waits for its duration, with data-duration
  var viewed;     // the address of the last page view
  var events = [], pageviews = [], timer;

  var on = function (target, type, f) { target.addEventListener(type, safely(f)); };

  var token = function () {
    var bytes = window.crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join('');
  };

  // session is only made here if data-session="tab" asks for it: it lives in
  // sessionStorage, of this tab, and ends after 30 minutes without anything.
  var session = safely(function () {
    if (setting('session') != 'tab') return;
    var now = Date.now(), kept = (window.sessionStorage.getItem('ibarura') || '').split(' ');
    if (!(now - kept[1] < 18e5)) kept[0] = token();
    window.sessionStorage.setItem('ibarura', kept[0] + ' ' + now);
    return kept[0];
  });

  // An item has the fields of the native API; undefined ones are not sent.
  var add = function (list, item, more) {
    for (var key in more) item[key] = more[key];
    item.id = item.id || token();
    item.user_id = item.user_id || user;
    item.user_role = item.user_role || role;
    item.session_id = item.session_id || session();
    list.push(item);
    timer = timer || window.setTimeout(safely(flush), 50);
  };

  // entitle gives page views their title as late as possible: on a page that
  // changes itself, the title often follows the address.
  var entitle = function () {
    pageviews.forEach(function (item) { item.title = item.title || document.title; });
  };

  var flush = function () {
    window.clearTimeout(timer);
    timer = 0;
    entitle();
    if (events.length + pageviews.length) {
      var body = JSON.stringify({ events: events, pageviews: pageviews });
      events = [];
      pageviews = [];
      if (!navigator.sendBeacon || !navigator.sendBeacon(endpoint, body)) {
        window.fetch(endpoint, { method: 'POST', body: body, keepalive: body.length < 6e4, mode: 'no-cors', credentials: 'omit' }).catch(function () { });
      }
    }
  };

  var address = function () {
    return setting('hash-routing') == null ? location.href.split('#')[0] : location.href;
  };

  // page notes a page view. With data-duration it waits until the page is left.
  var page = function (more) {
    finish();
    entitle();
    var now = address(), item = { url: now, referrer: viewed || document.referrer, session_id: session() };
    viewed = now;
    if (setting('duration') == null) return add(pageviews, item, more);
    view = [item, more, Date.now()];
  };

  // finish sends the page view that waits for its duration.
  var finish = function () {
    if (view) {
      view[0].occurred_at = view[2];
      view[0].duration_ms = Date.now() - view[2];
      add(pageviews, view[0], view[1]);
      view = 0;
    }
  };

  var moved = function () { if (address() != viewed) page(); };

  var leave = function () {
    finish();
    flush();
  };

  var commands = {
    event: function (type, more) { add(events, { type: type }, more); },
    page: page,
    identify: function (id, itsRole) { user = id || undefined; role = itsRole; }
  };

  var start = function () {
    page();
    ['pushState', 'replaceState'].forEach(function (name) {
      var original = window.history[name];
      window.history[name] = function () {
        var result = original.apply(this, arguments);
        safely(moved)();
        return result;
      };
    });
    on(window, 'popstate', moved);
    on(window, 'hashchange', moved);
    on(window, 'pageshow', function (e) { if (e.persisted) page(); });
  };

  var endpoint;

  safely(function () {
    var refused = setting('dnt') == 'respect' && (navigator.doNotTrack == '1' || navigator.globalPrivacyControl);
    if (refused || !/^http/.test(location.protocol)) {
      window.ibarura = function () { };
      return;
    }
    endpoint = (setting('api') || new URL(script.src).origin) + '/api/v1/beacon?key=' + encodeURIComponent(setting('key'));
    commands.identify(setting('user'), setting('role') || undefined);
    window.ibarura = safely(function (command) { commands[command].apply(0, [].slice.call(arguments, 1)); });
    on(document, 'visibilitychange', function () { if (document.visibilityState == 'hidden') leave(); });
    on(window, 'pagehide', leave);
    if (setting('auto') != 'false') {
      if (document.prerendering) on(document, 'prerenderingchange', start);
      else start();
    }
    queued.forEach(function (call) { window.ibarura.apply(0, call); });
  })();
})(window, document);
