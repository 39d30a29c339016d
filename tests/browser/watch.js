// Stands before everything else in a page that a test opens: remembers whatever the page's console would show.
window.faults = [];
for (const level of ["warn", "error"]) {
  const say = console[level].bind(console);
  console[level] = (...words) => { window.faults.push(`${level}: ${words.join(" ")}`); say(...words); };
}
window.addEventListener("error", ({ message, target }) => window.faults.push(message ?? `failed: ${target.src ?? target.href}`), true);
window.addEventListener("unhandledrejection", ({ reason }) => window.faults.push(`rejected: ${reason}`));
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => window.faults.push(`${violatedDirective}: ${blockedURI}`));
