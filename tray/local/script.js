// Refreshes the main part of a page when the agent says that something has
// changed. Everything works without it.
"use strict";
(() => {
	const script = document.currentScript;
	if (!script || !window.EventSource) return;
	let busy = false, again = false;

	// typed keeps what a person has begun to fill in.
	const typed = () => {
		const kept = new Map();
		for (const e of document.querySelectorAll("main input[id], main select[id]")) {
			const fresh = e.tagName === "SELECT" ? ![...e.options].some((o) => o.selected !== o.defaultSelected && !(o.index === 0 && o.selected)) : e.value === e.defaultValue;
			if (!fresh) kept.set(e.id, e.value);
		}
		return kept;
	};

	const opened = () => [...document.querySelectorAll("main details")].map((d) => d.open);

	const replace = (page) => {
		const now = document.querySelector("main"), next = page.querySelector("main");
		if (!now || !next || now.innerHTML === next.innerHTML) return;
		const focused = now.contains(document.activeElement) ? document.activeElement : null;
		const id = focused && focused.id, open = opened(), kept = typed();
		const before = states(now);
		now.replaceChildren(...next.childNodes);
		document.title = page.title;
		for (const [id, value] of kept) {
			const e = document.getElementById(id);
			if (e) e.value = value;
		}
		document.querySelectorAll("main details").forEach((d, i) => { d.open = open[i]; });
		if (focused) (id && document.getElementById(id) || now).focus({ preventScroll: true });
		announce(before, states(now));
	};

	// states are the words that say how things are; a reader is told new ones.
	const states = (of) => [...of.querySelectorAll(".state, .warning, .good")].map((e) => e.textContent.trim());
	const announce = (before, after) => {
		const fresh = after.filter((s) => !before.includes(s));
		if (fresh.length) document.getElementById("news").textContent = fresh.join(". ");
	};

	const refresh = async () => {
		if (busy) { again = true; return; }
		busy = true;
		try {
			const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
			const text = await answer.text();
			if (text) replace(new DOMParser().parseFromString(text, "text/html"));
		} catch { /* the next event tries again */ }
		busy = false;
		if (again) { again = false; refresh(); }
	};

	const events = new EventSource(script.dataset.events);
	// What changed before the stream was there is not said on it.
	events.addEventListener("open", () => { lost = 0; refresh(); });
	// A browser tries again by itself, for ever.
	let lost = 0;
	events.addEventListener("error", () => {
		if (events.readyState !== EventSource.CLOSED && ++lost < 3) return;
		events.close();
		const p = document.createElement("p");
		p.className = "warning";
		p.id = "ended";
		p.textContent = document.getElementById("news").textContent = script.dataset.ended;
		document.querySelector("main").prepend(p);
	});
	events.addEventListener("changed", refresh);
	addEventListener("pagehide", () => events.close());
	addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
})();
