// Controls without a name that a screen reader could say.
const named = (node) => {
  const own = node.getAttribute('aria-label') || (node.labels && node.labels[0] && node.labels[0].textContent) || '';
  const by = (node.getAttribute('aria-labelledby') || '').split(' ').map((id) => (document.getElementById(id) || {}).textContent || '');
  return (own + by.join('') + node.textContent + (node.alt || '')).trim();
};
const wanted = 'button, a[href], input, select, summary, [role=slider], [role=img], [tabindex]:not([tabindex="-1"]), video';
return [...document.querySelectorAll(wanted)].filter((node) => !named(node)).map((node) => node.outerHTML.slice(0, 120));
