/**
 * The part of the page's script that acts: who one is, clicks, dialogs and modals. What comes back from the server
 * is drawn by page-script.ts. A click is sent once; until it is answered its button shows that it is on its way.
 */
export const PAGE_ACTING_SCRIPT = `
let me = sessionStorage.getItem('me') || '';
let viewKey = '';
let busy = 0;

const kinds = { guest: 'guest', foreign: 'another company', deactivated: 'deactivated' };

function drawMe(state) {
  const select = at('me');
  if (select.options.length !== state.people.length) {
    select.replaceChildren(...state.people.map((person) => {
      const note = kinds[person.kind] || person.groups.map((group) => '@' + group).join(' ');
      const option = make('option', '', person.name + (note ? ' (' + note + ')' : ''));
      option.value = person.id;
      return option;
    }));
  }
  me = state.me;
  select.value = me;
  const person = state.people.find((entry) => entry.id === me);
  at('mine').textContent = person ? person.title : '';
  people = state.people;
}
let people = [];
at('me').addEventListener('change', () => { me = at('me').value; sessionStorage.setItem('me', me); version = -1; viewKey = ''; refresh(); });

async function act(path, body) {
  busy += 1;
  try {
    const response = await fetch('/page/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user: me, ...body }) });
    return await response.json();
  } finally {
    busy -= 1;
    version = -1;
    await refresh();
  }
}

function sure(dialog) {
  return new Promise((resolve) => {
    const box = at('sure');
    at('sure-title').textContent = dialog.title;
    at('sure-body').innerHTML = dialog.html;
    at('sure-yes').textContent = dialog.confirm;
    at('sure-no').textContent = dialog.deny;
    at('sure-yes').className = 'button ' + (dialog.danger ? 'danger' : 'primary');
    let answer = false;
    const end = (yes) => () => { answer = yes; box.close(); };
    at('sure-yes').onclick = end(true);
    at('sure-no').onclick = end(false);
    box.onclose = () => resolve(answer);
    box.showModal();
  });
}

function chosenOf(element) {
  if (element.classList.contains('choices')) return [...element.querySelectorAll('input:checked')].map((input) => input.value).join(',');
  return element.tagName === 'SELECT' || element.tagName === 'INPUT' || element.tagName === 'TEXTAREA' ? element.value : undefined;
}

async function use(element) {
  const article = element.closest('article');
  if (!article || element.getAttribute('aria-busy') === 'true') return;
  const chosen = chosenOf(element);
  if (chosen === '') return;
  if (element.dataset.confirm && !(await sure(JSON.parse(element.dataset.confirm)))) return;
  element.setAttribute('aria-busy', 'true');
  await act('click', { channel, ts: article.dataset.ts, action_id: element.dataset.actionId, block_id: element.dataset.blockId, chosen });
  element.removeAttribute('aria-busy');
}

function wire(body) {
  for (const select of body.querySelectorAll('select[data-people]')) {
    for (const person of people) { const option = make('option', '', person.name); option.value = person.id; select.append(option); }
    select.value = select.dataset.people;
  }
}

at('messages').addEventListener('click', (event) => {
  const element = event.target.closest('button[data-action-id], a[data-action-id]');
  if (element) use(element);
});
at('messages').addEventListener('change', (event) => {
  const element = event.target.closest('select[data-action-id], .choices, input[type=date][data-action-id]');
  if (element) use(element);
});

function drawView(state) {
  const box = at('modal');
  const view = state.view;
  if (!view) { viewKey = ''; if (box.open) box.close(); return; }
  if (view.key === viewKey && box.open) return;
  const sameView = viewKey.split(' ')[0] === view.id;
  const typed = sameView ? valuesIn(box) : {};
  viewKey = view.key;
  at('modal-title').textContent = view.title;
  const body = at('modal-body');
  body.innerHTML = view.html;
  wire(body);
  for (const field of fieldsIn(box)) if (typed[field.dataset.actionId] !== undefined && 'value' in field) field.value = typed[field.dataset.actionId];
  at('modal-problem').textContent = view.problem || '';
  at('modal-close').textContent = view.close;
  at('modal-submit').textContent = view.submit || '';
  at('modal-submit').hidden = !view.submit;
  if (!box.open) box.showModal();
  const first = body.querySelector('.faulty textarea, .faulty input, textarea, input');
  if (first) first.focus();
}
const fieldsIn = (box) => [...box.querySelectorAll('.field [data-action-id]')];
const valuesIn = (box) => Object.fromEntries(fieldsIn(box).map((field) => [field.dataset.actionId, chosenOf(field) || '']));

at('modal').querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const submit = at('modal-submit');
  if (submit.getAttribute('aria-busy') === 'true') return;
  submit.setAttribute('aria-busy', 'true');
  await act('submit', { values: valuesIn(at('modal')) });
  submit.removeAttribute('aria-busy');
});
at('modal-close').addEventListener('click', () => act('close', {}));
at('modal').addEventListener('cancel', (event) => { event.preventDefault(); act('close', {}); });
`;
