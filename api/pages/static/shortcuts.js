// Keys of the pages that the server draws: help, search, and the pages by their place in the navigation.

const help = document.getElementById("keys");

function write(target) {
  return /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && !/^(checkbox|radio)$/.test(target.type));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || help?.open || write(event.target)) return;
  const page = /^[1-9]$/.test(event.key) && document.querySelectorAll("nav.pages a")[event.key - 1];
  const search = event.key === "/" && document.querySelector("main input[type=search]");
  if (event.key === "?" && help) help.showModal();
  else if (search) search.focus();
  else if (page) location.assign(page.href);
  else return;
  event.preventDefault();
});
document.getElementById("keys-open")?.addEventListener("click", () => help.showModal());
