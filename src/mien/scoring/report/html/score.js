// Filter the samples: by truth, by what was read, by words, or by a click on a cell of the confusion picture.
document.documentElement.classList.add('has-samples');
const FIRST = document.querySelectorAll('.samples').length > 1 ? 6 : 25;
const plain = (text) => text.normalize('NFKC').toLowerCase();
for (const box of document.querySelectorAll('.samples')) {
  const form = box.querySelector('form');
  if (!form) continue;
  const items = [...box.querySelectorAll('ol > li')].map((node) => ({
    node, truth: JSON.parse(node.dataset.truth), read: JSON.parse(node.dataset.read), text: plain(node.textContent),
  }));
  const cells = [...document.querySelectorAll(`#${box.dataset.part} .cell`)];
  const { truth, read, find } = form.elements;
  const more = box.querySelector('.more');
  let open = items.length <= FIRST;
  const holds = (select, labels) => !select.value || labels.includes(select.value);
  const apply = () => {
    const words = plain(find.value.trim());
    const all = !truth.value && !read.value && !words;
    let shown = 0;
    for (const item of items) {
      const on = holds(truth, item.truth) && holds(read, item.read) && item.text.includes(words);
      shown += on;
      item.node.hidden = !on || (all && !open && shown > FIRST);
    }
    for (const cell of cells) {
      cell.classList.toggle('on', !!truth.value && cell.dataset.truth === truth.value && cell.dataset.read === read.value);
    }
    more.hidden = open || !all;
    form.querySelector('output').textContent = all ? '' : `${shown} of ${items.length} shown`;
  };
  form.addEventListener('input', apply);
  more.addEventListener('click', () => {
    open = true;
    apply();
    items[FIRST].node.tabIndex = -1;
    items[FIRST].node.focus();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const cell of cells) {
    cell.addEventListener('click', () => {
      for (const [select, label] of [[truth, cell.dataset.truth], [read, cell.dataset.read]]) {
        const known = [...select.options].some((option) => option.value === label);
        if (!known) select.add(new Option(label, label));
        select.value = label;
      }
      apply();
      box.scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    });
  }
  apply();
}
document.documentElement.dataset.ready = 'yes';
