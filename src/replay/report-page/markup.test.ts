import { describe, expect, it } from 'vitest';
import { markup, type Piece } from './markup.ts';

const nasty = `"><script>alert(1)</script>'&<img src=x onerror=alert(2)>`;

describe('a template', () => {
  it('escapes texts in elements', () => {
    expect(markup`<b>${nasty}</b>`.text).toBe(
      '<b>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;&lt;img src=x onerror=alert(2)&gt;</b>',
    );
  });

  it('escapes texts in attributes, so that they cannot be left', () => {
    const { text } = markup`<b title="${'" onclick="x'}" class='${"' onclick='x"}'></b>`;
    expect(text).toBe(`<b title="&quot; onclick=&quot;x" class='&#39; onclick=&#39;x'></b>`);
  });

  it('takes markup as it is, arrays in order, and nothing for null', () => {
    const rows = ['a', '<b>'].map((name) => markup`<i>${name}</i>`);
    expect(markup`<p>${rows}${null}${undefined}${[1, 'x', [markup`<br>`]]}</p>`.text).toBe(
      '<p><i>a</i><i>&lt;b&gt;</i>1x<br></p>',
    );
  });

  it('refuses an attribute without quotes', () => {
    expect(() => markup`<b title=${'x'}></b>`).toThrow('no quotes');
  });

  it.each([NaN, Infinity, -Infinity])('refuses the number %s', (value) => {
    expect(() => markup`${value}`).toThrow('no number');
  });

  it('writes minus zero as zero', () => {
    expect(markup`${-0}`.text).toBe('0');
  });

  it('replaces what would reorder, hide or break the text', () => {
    expect(markup`${'a\u202eb\u0000c\ud800d\u200be\nf\u2028g'}`.text).toBe('a·b·c·d·e·f·g');
    expect(markup`${'émoji 🦀 日本'}`.text).toBe('émoji 🦀 日本');
  });

  it('takes no object that only looks like markup', () => {
    const forged = { text: '<script>' } as unknown as Piece;
    expect(() => markup`${forged}`).toThrow(TypeError);
  });
});
