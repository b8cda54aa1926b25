import { Html } from './html';

/** Colours mean one thing each: red hostile, amber sensitive or not seen, green exculpatory, blue links. */
export const style = Html.written(`
:root{color-scheme:light dark;--ground:#fff;--panel:#f6f7f9;--line:#d9dde3;--ink:#1b1f24;--soft:#5b6572;--link:#0b5cad;
--hostile:#c62f2f;--hostile-ground:#fdecec;--sensitive:#b26a00;--sensitive-ground:#fff4e0;--good:#1f7a44;--good-ground:#e7f6ec;--plain:#7c8794}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1d2127;--line:#343a43;--ink:#e7eaee;--soft:#9aa5b1;--link:#79b8ff;
--hostile:#ff7b72;--hostile-ground:#3a1d1f;--sensitive:#f0b45a;--sensitive-ground:#372a14;--good:#6fcf97;--good-ground:#17301f;--plain:#8b96a3}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;line-height:1.25;margin:4px 0 12px;overflow-wrap:anywhere}
h2{font-size:18px;margin:34px 0 10px;padding-top:14px;border-top:1px solid var(--line);display:flex;gap:12px;align-items:baseline;justify-content:space-between}
h2 small{font-size:11.5px;font-weight:500;color:var(--soft);white-space:nowrap}
h3{font-size:15px;margin:18px 0 6px}
p{margin:8px 0}
a{color:var(--link)}
code,pre,.id{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code,.id{overflow-wrap:anywhere}
td.keep,td code.keep{overflow-wrap:break-word}
td.who{min-width:8.5em}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:12px;overflow:auto;max-height:420px;white-space:pre-wrap}
.over{color:var(--soft);font-size:13px}
.pills{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 14px}
.pill{border-radius:999px;padding:3px 12px;font-weight:600;font-size:13px;border:1px solid var(--line);background:var(--panel)}
.pill.hostile{color:var(--hostile);background:var(--hostile-ground);border-color:currentColor}
.pill.sensitive{color:var(--sensitive);background:var(--sensitive-ground);border-color:currentColor}
.pill.good{color:var(--good);background:var(--good-ground);border-color:currentColor}
.lead{font-size:17px;margin:14px 0;overflow-wrap:anywhere}
.glance{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:10px;margin:18px 0}
.glance div{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.glance b{display:block;font-size:19px}
.glance span{color:var(--soft);font-size:12.5px}
.meter{height:6px;border-radius:3px;background:var(--line);margin:8px 0 2px;overflow:hidden}
.meter i{display:block;height:100%;background:var(--hostile)}
ul,ol{padding-left:22px;margin:8px 0}
li{margin:5px 0;overflow-wrap:anywhere}
.cites a{display:inline-block;font:600 12px/1.5 ui-monospace,Menlo,Consolas,monospace;text-decoration:none;border:1px solid var(--line);border-radius:5px;padding:0 6px;margin-left:4px;background:var(--panel)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td:first-child b{white-space:nowrap}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.time{white-space:nowrap;font-variant-numeric:tabular-nums}
tr.hostile td:first-child{border-left:3px solid var(--hostile);padding-left:8px}
tr.exculpatory td:first-child{border-left:3px solid var(--good);padding-left:8px}
tr.gap td:first-child{border-left:3px solid var(--sensitive);padding-left:8px}
details{margin:8px 0}
summary{cursor:pointer;color:var(--link)}
.two{display:grid;grid-template-columns:1fr 1fr;gap:28px}
.bar{display:inline-block;height:8px;border-radius:2px;margin-right:6px;vertical-align:middle}
.bar.hostile{background:var(--hostile)}.bar.exculpatory{background:var(--good)}.bar.coverage{background:var(--sensitive)}
.drawing{display:block;width:100%;min-width:760px;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.drawing text{fill:var(--ink)}
.drawing .lane{stroke:var(--line)}.drawing .axis{stroke:var(--soft)}
.drawing .lane-count,.drawing .tick,.drawing .more,.drawing .break-name{fill:var(--soft);font-size:11px}
.drawing .column,.drawing .day{fill:var(--soft);font-weight:600}
.drawing .break{stroke:var(--soft);stroke-dasharray:2 4}
.mark{stroke-width:2;fill-opacity:.85}
.mark.hostile{fill:var(--hostile);stroke:var(--hostile)}.mark.sensitive{fill:var(--sensitive);stroke:var(--sensitive)}.mark.ordinary{fill:var(--plain);stroke:var(--plain)}
.mark.failed{fill:var(--ground)}
.link{fill:none;stroke:var(--plain);stroke-opacity:.55}.link.hostile{stroke:var(--hostile);stroke-opacity:.9}
.node rect{fill:var(--panel);stroke:var(--line)}.node.hostile rect{fill:var(--hostile-ground);stroke:var(--hostile)}
.legend{color:var(--soft);font-size:12.5px}
.key{display:inline-block;width:10px;height:10px;border-radius:50%;margin:0 4px 0 10px;border:2px solid var(--plain);vertical-align:-1px}
.key:first-child{margin-left:0}
.key.hostile{background:var(--hostile);border-color:var(--hostile)}.key.sensitive{background:var(--sensitive);border-color:var(--sensitive)}.key.ordinary{background:var(--plain)}
footer{margin-top:40px;color:var(--soft);font-size:12.5px;border-top:1px solid var(--line);padding-top:12px;overflow-wrap:anywhere}
@media (max-width:700px){main{padding:14px 14px 40px}.two{grid-template-columns:1fr;gap:4px}h1{font-size:21px}h2{flex-direction:column;gap:0}
.cards thead{display:none}.cards tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}.cards td{display:block;border:0;padding:2px 0 2px 10px}.cards td:first-child b{white-space:nowrap}
td.number{text-align:left}.cards td.number[data-name],.cards td.time[data-name]{display:inline-block}
.scroll:has(>svg)::after{content:"Scroll sideways to see all of it.";display:block;color:var(--soft);font-size:12px;margin-top:4px}
.cards td[data-name]::before{content:attr(data-name) ": ";color:var(--soft);font-size:12px}}
@media print{:root{color-scheme:light;--ground:#fff;--panel:#f6f7f9;--line:#c9ced6;--ink:#000;--soft:#444;--link:#000;--hostile:#b02020;--hostile-ground:#fff;--sensitive:#8a5200;--sensitive-ground:#fff;--good:#14602f;--good-ground:#fff;--plain:#666}
body{font-size:11.5px}main{max-width:none;padding:0}.drawing{min-width:0}.scroll{overflow:visible}pre{max-height:none}
h2{break-after:avoid}tr,li,.glance div,svg{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto;display:block}a{text-decoration:none}
.scroll:has(>svg)::after{content:none}
td.time{white-space:normal;min-width:8.5em}
@page{margin:16mm 14mm}}
`);
