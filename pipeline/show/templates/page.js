// The page reads well without this. With it, calls can be searched, and links open what they point to.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const calls = all(".call");
  const form = $(".filters");
  const count = $("output", form);
  const expand = $(".expand", form);

  // A call lies in a filter when its data hold the chosen value; "|" stands between values.
  const holds = (call, name, value) => !value || call.dataset[name].split("|").includes(value);

  function filter() {
    const chosen = new FormData(form);
    const words = chosen.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const call of calls) {
      const fits = words.every((word) => call.dataset.text.includes(word))
        && ["agent", "clause", "flag"].every((name) => holds(call, name, chosen.get(name)));
      call.hidden = !fits;
      shown += fits;
    }
    count.value = count.dataset.template.replace("%shown", shown).replace("%all", calls.length);
    $(".none-left").hidden = shown > 0 || calls.length === 0;
  }

  function setExpanded(open) {
    for (const call of all("details.call")) if (!call.hidden) call.open = open;
    expand.setAttribute("aria-pressed", String(open));
    expand.textContent = open ? expand.dataset.shut : expand.dataset.open;
  }

  // A link into a closed call opens it, and whatever else is closed around its target.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    if (!target.closest(".transcript")) target.scrollIntoView({ block: "nearest" });
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  expand.addEventListener("click", () => setExpanded(expand.getAttribute("aria-pressed") === "false"));
  addEventListener("hashchange", reveal);

  // In the overview, a clause or an agent filters the calls.
  for (const link of all("a[data-clause], a[data-agent]")) {
    link.addEventListener("click", () => {
      form.reset();
      if (link.dataset.clause) form.elements.clause.value = link.dataset.clause;
      if (link.dataset.agent) form.elements.agent.value = link.dataset.agent;
      setTimeout(filter);
    });
  }

  // Ticks of the checklists stay in this browser; where it keeps nothing, they last as long as the page.
  let kept = null;
  try { kept = window.localStorage; } catch { /* storage is forbidden here */ }
  for (const box of all("input[data-tick]")) {
    const key = `callqa/${box.dataset.tick}`;
    box.checked = kept?.getItem(key) === "1";
    box.addEventListener("change", () => (box.checked ? kept?.setItem(key, "1") : kept?.removeItem(key)));
  }

  filter();
  if (location.hash) reveal();
})();
