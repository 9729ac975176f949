// Keys of the workbench: j and k go from match to match, a introduces, d declines
// with the reason chosen, w opens the reasons of the score. Everything works
// without them.
(function () {
  "use strict";
  var all = Array.prototype.slice.call(document.querySelectorAll(".match"));
  var at = -1;
  function go(n) {
    if (n < 0 || n >= all.length) return;
    var box = all[n].closest("details");
    if (box) box.open = true;
    at = n;
    all[n].focus();
    all[n].scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    var here = document.activeElement.closest ? document.activeElement.closest(".match") : null;
    if (here) at = all.indexOf(here);
    if (e.key === "j") return go(at + 1);
    if (e.key === "k") return go(at - 1);
    if (at < 0) return;
    var reason = all[at].querySelector(".reason"), why = all[at].querySelector("select"), parts = all[at].querySelector(".parts");
    if (e.key === "a" && reason) reason.focus();
    else if (e.key === "d" && why) why.focus();
    else if (e.key === "w" && parts) parts.open = !parts.open;
    else return;
    e.preventDefault();
  });
})();
