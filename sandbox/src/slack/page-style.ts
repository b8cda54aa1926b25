/** Style sheet of the simulated Slack page: one column on a phone, a side bar beside it on wider screens. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --bg: #fff; --ink: #1d1c1d; --soft: #616061; --line: #e4e3e6; --side: #3b1f43; --side-ink: #e9dfec;
  --side-on: #6b3f78; --card: #f8f7f9; --accent: #0b5fad; --mention-bg: #e6f1fb; --mention: #0b4f8f; --loud-bg: #fff1cc; --loud: #7a4b00;
  --code: #a8133f; --code-bg: #f6f4f7; --primary: #00704a; --danger: #c0183f; --danger-bg: #c0183f; --hover: #faf9fb; }
@media (prefers-color-scheme: dark) { :root { --bg: #1a1d21; --ink: #e3e3e4; --soft: #a9abae; --line: #36393f; --side: #1f1523; --side-ink: #d8cbdc;
  --side-on: #553561; --card: #22252a; --accent: #6cb5f5; --mention-bg: #16324a; --mention: #9fd0fb; --loud-bg: #46380f; --loud: #ffd978;
  --code: #f2a3b8; --code-bg: #26292f; --primary: #14805a; --danger: #f07a92; --danger-bg: #c53a58; --hover: #1f2227; } }
* { box-sizing: border-box; }
html, body { height: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.47 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  display: grid; grid-template: auto minmax(0, 1fr) / 16.5rem minmax(0, 1fr); }
.banner { grid-column: 1 / -1; display: flex; gap: .6rem; align-items: center; justify-content: center; padding: .3rem 1rem; font-size: .82rem;
  background: var(--loud-bg); color: var(--loud); text-align: center; }
.banner b { letter-spacing: .01em; }
nav { background: var(--side); color: var(--side-ink); padding: 1rem .6rem; overflow-y: auto; }
nav h1 { font-size: 1.05rem; margin: 0 .6rem .9rem; color: #fff; }
nav h1 small { display: block; font-weight: 400; font-size: .78rem; opacity: .8; }
nav h2 { font-size: .78rem; font-weight: 600; opacity: .75; margin: 1rem .6rem .3rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav button { all: unset; box-sizing: border-box; display: flex; gap: .45rem; width: 100%; padding: .26rem .6rem; border-radius: .4rem; cursor: pointer; }
nav button:hover { background: #ffffff1a; }
nav button:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
nav button[aria-current="true"] { background: var(--side-on); color: #fff; }
nav button .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; }
nav button.fresh .name { font-weight: 700; color: #fff; }
nav button .count { font-size: .75rem; background: #ffffff2e; border-radius: 1rem; padding: 0 .45rem; align-self: center; }
nav button.archived { opacity: .6; }
main { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
main > header { padding: .7rem 1.25rem; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; }
main > header h2 { font-size: 1.1rem; margin: 0; }
main > header p { margin: 0; color: var(--soft); font-size: .86rem; }
#live { margin-left: auto; font-size: .8rem; color: var(--soft); }
#live::before { content: ""; display: inline-block; width: .5rem; height: .5rem; border-radius: 50%; background: #2bac76; margin-right: .35rem; }
#live.off::before { background: var(--danger); }
#messages { flex: 1; overflow-y: auto; padding: .6rem 0 2rem; }
#messages:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.empty { color: var(--soft); text-align: center; margin: 20vh 2rem 0; }
.day { display: flex; align-items: center; gap: .8rem; color: var(--soft); font-size: .8rem; font-weight: 600; margin: .6rem 1.25rem; }
.day::before, .day::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
article { display: grid; grid-template-columns: 2.4rem minmax(0, 1fr); gap: 0 .7rem; padding: .5rem 1.25rem; }
article:hover { background: var(--hover); }
article:target { background: var(--loud-bg); }
.avatar { width: 2.4rem; height: 2.4rem; border-radius: .45rem; display: grid; place-items: center; color: #fff; font-weight: 700; font-size: .85rem; }
.t0 { background: #7a3e9d; } .t1 { background: #1c6e8c; } .t2 { background: #9d4a3e; } .t3 { background: #2f7a4f; }
.t4 { background: #8a6d1d; } .t5 { background: #4a55b0; } .t6 { background: #a3386b; } .t7 { background: #4f6b76; }
.who { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; }
.who b { font-weight: 700; }
.who .app { font-size: .66rem; font-weight: 700; background: var(--line); color: var(--soft); border-radius: .2rem; padding: 0 .28rem; align-self: center; }
.who time, .edited { color: var(--soft); font-size: .78rem; }
.only { color: var(--soft); font-size: .8rem; }
.body { overflow-wrap: anywhere; max-width: 52rem; unicode-bidi: isolate; }
.body h3 { font-size: 1.15rem; margin: .3rem 0; line-height: 1.3; }
.body hr { border: 0; border-top: 1px solid var(--line); margin: .6rem 0; }
.section { margin: .35rem 0; }
.with-accessory { display: flex; gap: 1rem; justify-content: space-between; align-items: flex-start; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .5rem 1.25rem; margin-top: .25rem; }
.context { display: flex; flex-wrap: wrap; gap: .1rem .7rem; color: var(--soft); font-size: .82rem; margin: .35rem 0; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .5rem 0 .2rem; }
.button { font: inherit; font-weight: 700; font-size: .86rem; padding: .34rem .8rem; border: 1px solid var(--soft); border-radius: .35rem; background: var(--bg);
  color: var(--ink); text-decoration: none; }
.button, select, textarea, input { cursor: pointer; }
.button:hover:not(:disabled) { filter: brightness(.96); box-shadow: 0 1px 3px #0003; }
.button:focus-visible, select:focus-visible, textarea:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.button[aria-busy="true"] { opacity: .6; cursor: progress; }
.button[aria-busy="true"]::after { content: "…"; }
select, textarea, input[type="text"], input[type="date"] { font: inherit; font-size: .9rem; padding: .36rem .55rem; border: 1px solid var(--soft); border-radius: .35rem; background: var(--bg); color: var(--ink); max-width: 100%; }
textarea, input[type="text"] { cursor: text; width: 100%; resize: vertical; }
.choices { display: grid; gap: .25rem; }
.choices input { margin: 0 .3rem 0 0; }
.private { background: var(--card); }
.warning { color: var(--loud); background: var(--loud-bg); border-radius: .35rem; padding: .3rem .6rem; font-size: .86rem; margin-top: .3rem; width: fit-content; }
.alert { background: var(--loud-bg); color: var(--loud); border-radius: .35rem; padding: .4rem .7rem; }
.me { display: block; margin: 1rem .6rem 0; padding-top: .8rem; border-top: 1px solid #ffffff2e; font-size: .78rem; }
.me select { display: block; width: 100%; margin: .25rem 0; background: var(--side-on); color: #fff; border-color: transparent; }
.me span { opacity: .8; }
dialog { border: 1px solid var(--line); border-radius: .6rem; padding: 0; width: min(32rem, calc(100vw - 2rem)); max-height: calc(100vh - 3rem); background: var(--bg); color: var(--ink); box-shadow: 0 18px 60px #0006; }
dialog::backdrop { background: #0008; }
dialog h2 { font-size: 1.1rem; margin: 0; padding: 1rem 1.25rem .8rem; border-bottom: 1px solid var(--line); }
dialog footer { display: flex; justify-content: flex-end; gap: .6rem; padding: .8rem 1.25rem 1rem; border-top: 1px solid var(--line); }
#modal-body, #sure-body { padding: .9rem 1.25rem; overflow-wrap: anywhere; }
#modal-problem:empty { display: none; }
#modal-problem { margin: 0 1.25rem .8rem; }
.field { margin: .2rem 0 .9rem; }
.field .label { display: grid; gap: .35rem; font-weight: 700; font-size: .9rem; }
.field .label > * { font-weight: 400; }
.field .label small, .hint { color: var(--soft); font-weight: 400; font-size: .8rem; }
.hint, .wrong { display: block; margin-top: .25rem; font-size: .82rem; }
.wrong { color: var(--danger); font-weight: 600; }
.faulty textarea, .faulty input { border-color: var(--danger); }
.button:disabled { cursor: not-allowed; opacity: .75; }
.button.primary { background: var(--primary); border-color: var(--primary); color: #fff; }
.button.danger { background: var(--danger-bg); border-color: var(--danger-bg); color: #fff; }
.note { color: var(--soft); font-size: .78rem; margin: .15rem 0; }
.markdown { white-space: pre-wrap; }
a { color: var(--accent); }
.mention { background: var(--mention-bg); color: var(--mention); border-radius: .25rem; padding: 0 .18rem; font-weight: 500; }
.mention.broadcast { background: var(--loud-bg); color: var(--loud); font-weight: 700; }
.unseen { font: .7em/1 ui-monospace, monospace; color: var(--loud); background: var(--loud-bg); border-radius: .2rem; padding: .05rem .2rem; }
code { font: .86em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--code); background: var(--code-bg); border: 1px solid var(--line); border-radius: .25rem; padding: 0 .22rem; }
pre { font: .84rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--code-bg); border: 1px solid var(--line); border-radius: .35rem; padding: .5rem .7rem;
  margin: .35rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote { margin: .3rem 0; padding: 0 0 0 .8rem; border-left: 4px solid var(--line); }
.body ul, .body ol { margin: .2rem 0; padding-left: 1.5rem; }
.file { border: 1px solid var(--line); background: var(--card); border-radius: .45rem; padding: .45rem .7rem; margin: .35rem 0; max-width: 24rem; }
.file small, .image { color: var(--soft); }
.reactions { display: flex; gap: .3rem; margin-top: .25rem; }
.reactions span { border: 1px solid var(--line); background: var(--card); border-radius: 1rem; padding: 0 .5rem; font-size: .82rem; }
details { margin-top: .3rem; }
summary { cursor: pointer; color: var(--accent); font-size: .85rem; font-weight: 600; width: fit-content; }
details article { padding: .4rem 0 .4rem .8rem; border-left: 2px solid var(--line); grid-template-columns: 1.8rem minmax(0, 1fr); }
details article .avatar { width: 1.8rem; height: 1.8rem; font-size: .7rem; }
@media (max-width: 44rem) {
  body { grid-template: auto auto minmax(0, 1fr) / minmax(0, 1fr); }
  .banner { font-size: .74rem; }
  nav { padding: .45rem .5rem; overflow: hidden; min-width: 0; }
  .me { margin: .3rem .2rem 0; padding: 0; border: 0; display: flex; gap: .5rem; align-items: center; white-space: nowrap; }
  .me span { display: none; }
  nav h1, nav h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #channels { display: flex; overflow-x: auto; scrollbar-width: none; }
  #channels ul { display: flex; }
  nav button { width: max-content; white-space: nowrap; padding: .35rem .7rem; }
  main > header { padding: .5rem .9rem; }
  #live { order: 1; }
  #topic { order: 2; flex-basis: 100%; }
  #members { display: none; }
  article { padding: .5rem .9rem; }
  .day { margin: .5rem .9rem; }
  .with-accessory { flex-direction: column; gap: .4rem; }
}
@media (prefers-reduced-motion: no-preference) { .arrived { animation: arrive .5s ease-out; } @keyframes arrive { from { opacity: 0; transform: translateY(4px); } } }
`;
