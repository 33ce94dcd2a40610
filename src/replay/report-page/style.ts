/**
 * The look of the page: one sheet, light and dark, screen and paper. It is part of the page and named in its policy by
 * its digest, so nothing else can style anything, and there are no style attributes.
 */
export const STYLE = `
:root{--paper:#fff;--ink:#16202a;--soft:#55616d;--rule:#d9dfe5;--faint:#eef1f4;--accent:#1f5f99;--gain:#0b6b3a;--loss:#b3261e;
--gain-bar:#3f9d6b;--loss-bar:#d0655c;--area:#1f5f9918;--fall:#c9564d2e;--fall-line:#b3261e;
--g1:#eff8f2;--g2:#dcf0e3;--g3:#c1e5ce;--g4:#9fd5b4;--g5:#7cc49a;--l1:#fdf1f0;--l2:#fae0dd;--l3:#f6cac5;--l4:#efaea8;--l5:#e8938b;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--paper:#11161b;--ink:#e4e9ee;--soft:#9ba8b4;--rule:#2c353e;--faint:#1a2128;--accent:#7fb4e6;--gain:#6fcf97;--loss:#f28b82;
--gain-bar:#3c8f63;--loss-bar:#b9534b;--area:#7fb4e61f;--fall:#f28b8233;--fall-line:#f28b82;
--g1:#14261d;--g2:#163324;--g3:#18412c;--g4:#1a5035;--g5:#1c603f;--l1:#2a1918;--l2:#3a1d1b;--l3:#4b221f;--l4:#5e2824;--l5:#722e29}}
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1120px;padding:28px 28px 64px;font-variant-numeric:tabular-nums lining-nums;overflow-wrap:anywhere}
header{border-bottom:2px solid var(--ink);padding-bottom:14px;margin-bottom:20px}
.brand{margin:0;font-size:12px;letter-spacing:.08em;text-transform:uppercase;font-weight:700;color:var(--accent)}
.brand span{color:var(--soft);font-weight:400}
h1{font-size:28px;line-height:1.2;margin:6px 0 2px;font-weight:650;letter-spacing:-.01em}
.period{margin:0;color:var(--soft);font-size:15px}
h2{font-size:18px;line-height:1.3;margin:44px 0 8px;padding-top:10px;border-top:1px solid var(--ink);font-weight:650;break-after:avoid}
h2.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0;padding:0;border:0}
p{margin:8px 0;max-width:78ch}
.lead,.note,figcaption,small{color:var(--soft)}
.note{font-weight:400;font-size:12px}
.warning{border-left:3px solid var(--loss);padding:6px 12px;background:var(--faint);max-width:none}
.warning b{color:var(--loss)}.warning a{color:var(--accent)}
.empty{color:var(--soft);font-style:italic}
nav{margin:14px 0 0;font-size:13px}
nav a{color:var(--accent);margin-right:16px;display:inline-block;padding:2px 0}
dl.glance{display:grid;grid-template-columns:repeat(5,1fr);gap:20px 24px;margin:0 0 10px}
dl.glance div{min-width:0;border-left:1px solid var(--rule);padding-left:12px}
dl.glance dt{font-size:12px;color:var(--soft)}
dl.glance dd{margin:0}
.value{display:block;font-size:21px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.value.long{font-size:17px;line-height:1.6}
dl.glance small{display:block;font-size:11.5px;line-height:1.35}
dl.glance.small .value{font-size:17px}
.gain{color:var(--gain)}.loss{color:var(--loss)}
figure{margin:14px 0}
figcaption{font-size:12.5px;max-width:95ch;margin-top:6px}
.chart{padding:0 88px 0 66px}
.chart svg{display:block;overflow:visible}
.chart svg.plot{overflow:hidden}
text{font-size:11.5px;fill:var(--soft)}
.label{font-weight:600}
.mark,.end{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.end{font-weight:600}
.when{fill:var(--soft)}
.grid{stroke:var(--rule);stroke-width:1;shape-rendering:crispEdges}
.start{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;shape-rendering:crispEdges}
path{vector-effect:non-scaling-stroke}
.area{fill:var(--area)}
.line{fill:none;stroke:var(--accent);stroke-width:1.6;stroke-linejoin:round}
.fall{fill:var(--fall)}
.fall-line{fill:none;stroke:var(--fall-line);stroke-width:1.2;stroke-linejoin:round}
.dot{fill:var(--ink);stroke:var(--paper);stroke-width:1}
.scroll{overflow-x:auto;margin:18px 0 26px;outline-offset:3px}
table{border-collapse:collapse;width:100%;font-size:12.5px;line-height:1.35;overflow-wrap:normal}
caption{text-align:left;font-weight:650;font-size:14px;padding:0 0 6px}
th,td{padding:3.5px 8px;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--faint)}
th:first-child{padding-left:0}
tr>:last-child{padding-right:0}
thead th,thead td{border-bottom:1px solid var(--soft);color:var(--soft);font-weight:500;font-size:11.5px;vertical-align:bottom}
tbody th{font-weight:500}
th.name{overflow-wrap:anywhere;min-width:13ch;max-width:26ch}
table.reasons th.name{white-space:nowrap}table.reasons td.text{min-width:30ch}
th.number,td.number{text-align:right}
td.number{white-space:nowrap}
thead th.number{max-width:18ch}.heads thead th.number{overflow-wrap:anywhere;min-width:9.5ch}
td.text{overflow-wrap:anywhere;min-width:16ch}
td.word{white-space:nowrap}
td.bar{width:15%;min-width:70px;vertical-align:middle}
td.bar svg{display:block}
rect.gain{fill:var(--gain-bar)}rect.loss{fill:var(--loss-bar)}rect.share{fill:var(--accent)}rect.rail{fill:var(--faint)}
.zero{stroke:var(--soft);stroke-width:1;shape-rendering:crispEdges}
tfoot th,tfoot td{border-top:1px solid var(--soft);border-bottom:0;font-weight:650}
tr.weak>*{color:var(--soft)}
tr.weak rect{opacity:.45}
tr.rest>*{font-style:italic;color:var(--soft)}
.dagger{color:var(--soft);margin-left:1px}
td.number small{font-size:10.5px}
td.heat small{display:inline-block;min-width:4.6ch;text-align:left}
table.aligned{min-width:860px}.aligned th.name{width:16%}.aligned .bar{width:13%}.aligned thead .number{width:7.6%}.aligned td.bar{padding-left:12px}
td.heat{border-left:1px solid var(--paper)}
.g1{background:var(--g1)}.g2{background:var(--g2)}.g3{background:var(--g3)}.g4{background:var(--g4)}.g5{background:var(--g5)}
.l1{background:var(--l1)}.l2{background:var(--l2)}.l3{background:var(--l3)}.l4{background:var(--l4)}.l5{background:var(--l5)}
.heat[class*=" g"] small,.heat[class*=" l"] small,.heat[class*=" g"] .dagger,.heat[class*=" l"] .dagger{color:inherit}
tfoot .heat,td.heat:last-child{background:none}
dl.facts{display:grid;grid-template-columns:minmax(14ch,26ch) 1fr;gap:6px 20px;margin:10px 0}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
dl.facts ul{margin:0;padding:0;list-style:none}dl.facts li{margin:0}
.code{font:12px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
.code .note{font:12px/1.5 system-ui,sans-serif;display:block}
dl.terms{columns:2;column-gap:36px;margin:10px 0;font-size:13px}
dl.terms div{break-inside:avoid;padding:3px 0}
dl.terms dt{font-weight:600;display:inline}
dl.terms dd{display:inline;margin:0 0 0 6px;color:var(--soft)}
ul{padding-left:18px;margin:8px 0}
li{margin:3px 0}
@media screen{th:first-child{position:sticky;left:0;background:var(--paper);z-index:1}}
@media (max-width:900px){dl.glance{grid-template-columns:repeat(3,1fr)}}
@media (max-width:640px){body{padding:18px 16px 40px}h1{font-size:22px}dl.glance{grid-template-columns:repeat(2,1fr);gap:16px 14px}.value{font-size:18px}
.chart{padding:0 12px 0 58px}.chart .end,.chart .when,.chart .odd{display:none}dl.terms{columns:1}dl.facts{grid-template-columns:1fr;gap:2px}dl.facts dt{margin-top:8px}}
@media print{@page{size:A4;margin:14mm 12mm}html{font-size:9.5pt}body{max-width:none;padding:0}nav{display:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h1{font-size:19pt}h2{font-size:12.5pt;margin-top:20pt}dl.glance{grid-template-columns:repeat(5,1fr);gap:10pt 12pt}.value{font-size:13pt}.value.long{font-size:10.5pt;line-height:1.6}dl.glance small,.note{font-size:7.5pt}
.scroll{overflow:visible;margin:10pt 0 14pt}table{font-size:7.4pt}thead th,thead td{font-size:7pt}th,td{padding:1.6pt 4pt}caption{font-size:9.5pt}td.number small{font-size:6.4pt}
td.bar{min-width:36px;width:8%}.heads thead th.number{min-width:8.6ch}table.aligned{min-width:0}.aligned .bar{width:9%}.aligned td.bar{padding-left:4pt}td.heat small{min-width:0}thead{display:table-header-group}tfoot{display:table-row-group}tr,figure,dl.glance,dl.glance div,li{break-inside:avoid}table.short{break-inside:avoid}
caption{break-after:avoid}td.text,table.reasons td.text{min-width:0}p{orphans:3;widows:3}th.name{max-width:20ch}.chart{padding:0 84px 0 60px}}
`;
