// In the head of every page, before anything is painted: the reader's choice, or the system's theme.
((page) => {
  page.mode = localStorage.getItem("mode") || "auto";
  const chosen = page.mode !== "auto" && localStorage.getItem("theme");
  page.theme = chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
})(document.documentElement.dataset);
