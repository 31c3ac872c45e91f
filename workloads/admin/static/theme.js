// Before the page is drawn: the theme that was chosen here, or the system's.
(function () {
  "use strict";
  const root = document.documentElement;
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch (error) { chosen = null; }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
