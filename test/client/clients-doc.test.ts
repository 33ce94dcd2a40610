/** docs/clients.md says what the client does. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLIENT_REFUSALS } from '../../src/client/take.ts';
import { KEYS } from '../../src/contract/keys.ts';
import { PERMIT_VERSION } from '../../src/contract/permit-record.ts';
import { VERIFY_REFUSALS } from '../../src/signing/verifier.ts';
import { TAKE_REFUSALS } from '../../src/store/permits.ts';

const text = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const python = /^```python\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? '';

describe('docs/clients.md', () => {
  it('explains every reason a permit is refused for, and no other', () => {
    const rows = [...text.matchAll(/^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \| .+ \|$/gm)];
    const reasons = rows.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
    );
    expect(reasons.toSorted()).toEqual([...TAKE_REFUSALS, ...VERIFY_REFUSALS, ...CLIENT_REFUSALS].toSorted());
  });

  it('uses keys of the contract in Python, and its version', () => {
    const patterns = Object.values(KEYS).map(({ pattern }) => pattern.replaceAll(/\{[^}]*\}/g, '{}'));
    const used = [...python.matchAll(/f"\{NAMESPACE\}:([^"]+)"/g)].map(([, key = '']) =>
      key.replaceAll(/\{[^}]*\}/g, '{}'),
    );
    expect(used.length).toBeGreaterThanOrEqual(7);
    expect(used.filter((key) => !patterns.includes(key))).toEqual([]);
    expect(python).toContain(`permit["v"] != ${PERMIT_VERSION}`);
  });
});
