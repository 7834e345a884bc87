// Progressive enhancement only: every page works with this file absent.
(() => {
  "use strict";
  const page = document;
  const root = page.documentElement;
  root.classList.add("script");

  // The error summary or the result of the last action takes the focus, so that it is read first.
  const first = page.querySelector("[data-autofocus]");
  if (first) {
    first.tabIndex = -1;
    first.focus();
  }

  // The menu of the header closes when the reader goes on elsewhere, or says so with Escape.
  const menu = page.querySelector("details.more");
  page.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu?.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Lists: the count of ticked rows, all rows of the page, a range with Shift.
  const boxes = (form) => [...form.querySelectorAll("tbody .pick input")];
  const count = (form) => {
    const rows = boxes(form);
    const ticked = rows.filter((box) => box.checked).length;
    const output = form.querySelector(".bulk output");
    if (output) output.value = `${ticked} selected`;
    const all = form.querySelector("[data-all]");
    if (all) {
      all.hidden = rows.length === 0;
      all.checked = ticked > 0 && ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    }
  };
  let anchor = null;
  page.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("form .pick input[type=checkbox]")) return;
    const rows = boxes(box.form);
    if (box.matches("[data-all]")) {
      rows.forEach((row) => (row.checked = box.checked));
    } else {
      const from = rows.indexOf(anchor);
      if (event.shiftKey && from >= 0) {
        const to = rows.indexOf(box);
        rows
          .slice(Math.min(from, to), Math.max(from, to) + 1)
          .forEach((row) => (row.checked = box.checked));
      }
      anchor = box;
    }
    count(box.form);
  });

  // A second press of a button sends nothing; the server holds a key of its own besides.
  // The mark goes on after the other listeners, so that one that stops the sending is respected.
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const button = event.submitter;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      form.dataset.sent = "yes";
      button?.setAttribute("aria-busy", "true");
    });
    // A download leaves the page standing: free the form again.
    setTimeout(() => release(form), 5000);
  });
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };

  // Coming back with the browser's Back shows what is really ticked, and buttons that work.
  addEventListener("pageshow", () => {
    page.querySelectorAll("form").forEach((form) => {
      release(form);
      if (form.querySelector(".pick")) count(form);
    });
  });

  // Typed text is not lost by a stray click.
  let unsaved = false;
  page.addEventListener("input", (event) => {
    if (event.target.closest("form[data-guard]")) unsaved = true;
  });
  page.addEventListener("submit", (event) => {
    if (event.target.matches("[data-guard]") && !event.defaultPrevented) unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });

  // Single-key shortcuts: off until asked for (WCAG 2.1.4), and none decides anything.
  const remembered = "muster-shortcuts";
  const storage = {
    get on() {
      try {
        return localStorage.getItem(remembered) === "on";
      } catch {
        return false;
      }
    },
    set on(value) {
      try {
        localStorage.setItem(remembered, value ? "on" : "off");
      } catch {
        // Storage may be forbidden; then the choice lasts as long as the page.
      }
    },
  };
  let shortcuts = storage.on;
  const choice = page.querySelector("[data-shortcuts]");
  if (choice) {
    choice.checked = shortcuts;
    choice.addEventListener("change", () => {
      shortcuts = choice.checked;
      storage.on = shortcuts;
    });
  }
  const places = { h: "/", t: "/tasks", i: "/identities", a: "/audit" };
  const lines = () => [...page.querySelectorAll("main tbody th a, .tasks a")];
  const step = (by) => {
    const all = lines();
    const at = all.indexOf(page.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  const keys = {
    "/": () => page.querySelector("main input[type=search]")?.focus(),
    "?": () => {
      const help = page.getElementById("shortcuts");
      if (!help) return;
      help.open = true;
      help.querySelector("summary").focus();
    },
    j: () => step(1),
    k: () => step(-1),
    x: () => page.activeElement.closest("tr")?.querySelector(".pick input")?.click(),
  };
  let going = false;
  page.addEventListener("keydown", (event) => {
    if (!shortcuts || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]"))
      return;
    if (going && places[event.key]) {
      going = false;
      location.assign(places[event.key]);
      return;
    }
    going = event.key === "g";
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
})();
