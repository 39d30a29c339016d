// A term of the text opens its definition under it: on hover, on focus, on tap.

const definition = (term) => document.getElementById(term.getAttribute("aria-describedby"));
let open; // the term whose definition is shown
let closing;

function show(term) {
  clearTimeout(closing);
  if (open === term) return;
  close();
  open = term;
  definition(term).showPopover();
  place();
}

// Puts the definition under its term, or above where there is no room.
function place() {
  if (!open) return;
  const box = definition(open), { left, bottom, top } = open.getClientRects()[0];
  const room = document.documentElement.clientWidth - box.offsetWidth - 8;
  box.style.left = `${Math.max(8, Math.min(left, room))}px`;
  const below = bottom + box.offsetHeight + 6 < window.innerHeight;
  box.style.top = `${below ? bottom + 6 : top - box.offsetHeight - 6}px`;
}

function close() {
  if (open) definition(open).hidePopover();
  open = undefined;
}

const soon = () => (closing = setTimeout(close, 200)); // the pointer may go over to the definition

for (const term of document.querySelectorAll("a.term")) {
  let finger = false;
  term.addEventListener("pointerenter", ({ pointerType }) => pointerType !== "touch" && show(term));
  term.addEventListener("pointerleave", ({ pointerType }) => pointerType !== "touch" && soon());
  term.addEventListener("focus", () => finger || show(term));
  term.addEventListener("blur", soon);
  term.addEventListener("pointerdown", ({ pointerType }) => (finger = pointerType === "touch"));
  term.addEventListener("click", (event) => {
    if (!finger) return; // a mouse, or the keyboard, follows the link
    event.preventDefault();
    open === term ? close() : show(term);
  });
}
for (const box of document.querySelectorAll(".definition")) {
  box.addEventListener("pointerenter", () => clearTimeout(closing));
  box.addEventListener("pointerleave", soon);
}
document.addEventListener("pointerdown", ({ target }) => !target.closest("a.term, .definition") && close());
document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
window.addEventListener("scroll", place, { passive: true });
