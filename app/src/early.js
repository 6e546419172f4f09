// Keeps what a person does between the first paint and the moment the page is alive, and does it then: what was typed or ticked stays, and
// the button pressed last is pressed again. Links, and forms that the server takes as they are (method "post"), need no script and are left alone.
(() => {
  const typed = new Map();
  let pressed = null;

  const holds = (form) => form !== null && form.method !== "post";
  const hold = (event, element) => {
    event.preventDefault();
    pressed?.removeAttribute("aria-busy");
    pressed = element;
    pressed.setAttribute("aria-busy", "true");
  };
  const onType = ({ target }) => {
    if ("value" in target) typed.set(target, isTicked(target) ? target.checked : target.value);
  };
  const onClick = (event) => {
    const button = event.target.closest?.("button");
    if (button && (button.type === "button" || holds(button.form))) hold(event, button);
  };
  const onSubmit = (event) => {
    if (holds(event.target)) hold(event, event.submitter ?? event.target);
  };

  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const typeAgain = (value, field) => {
    if (isTicked(field)) {
      if (field.checked !== value) field.click();
      return;
    }
    if (field.type !== "file") field.value = value;
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const pressAgain = () => {
    pressed.removeAttribute("aria-busy");
    if (pressed instanceof HTMLFormElement) pressed.requestSubmit();
    else pressed.click();
  };

  const watched = { input: onType, change: onType, click: onClick, submit: onSubmit };
  for (const name in watched) document.addEventListener(name, watched[name], true);
  new MutationObserver((_, observer) => {
    observer.disconnect();
    for (const name in watched) document.removeEventListener(name, watched[name], true);
    typed.forEach(typeAgain);
    // What was typed may first have to make the button ready.
    if (pressed) setTimeout(pressAgain);
  }).observe(document.documentElement, { subtree: true, attributeFilter: ["data-hydrated"] });
})();
