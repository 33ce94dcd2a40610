/** The dashboards of deploy/grafana: what the script writes, in Grafana's format, complete and linked. Grafana itself is not part of these tests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dashboardFiles } from '../../scripts/deploy/files.ts';
import { TICKING_COMPONENTS } from '../../src/components/declarations.ts';
import { dashboards, filledIn, panelsOf } from '../support/deploy-dashboards.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');
const all = dashboards();

describe('the dashboards', () => {
  it('are what scripts/write-deploy.ts writes', async () => {
    const files = await dashboardFiles();
    expect(all.map(({ path }) => path)).toEqual([...files.keys()].toSorted());
    for (const [path, text] of files)
      expect(read(path) === text, `${path}: run npx tsx scripts/write-deploy.ts`).toBe(true);
  });

  it('are an overview, the governor, and one for each component that ticks', () => {
    const expected = ['overview', 'governor', ...TICKING_COMPONENTS].map((name) => `ballast-${name}`);
    expect(all.map(({ uid }) => uid).toSorted()).toEqual(expected.toSorted());
  });

  it('have panels that fit the grid, do not overlap, and have ids and titles of their own', () => {
    for (const { path, panels } of all) {
      expect(new Set(panels.map(({ id }) => id)).size, path).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h }, title }) => {
        expect(x + w, `${path}, ${title}`).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`);
      });
      expect(new Set(cells).size, path).toBe(cells.length);
    }
  });

  it('say in every panel what it shows, in which unit, and colour from the lowest value up', () => {
    for (const dashboard of all)
      for (const { title, description, fieldConfig } of panelsOf(dashboard)) {
        expect(description, title).toMatch(/[.)]$/);
        const values = fieldConfig.defaults.thresholds.steps.map(({ value }) => value ?? -Infinity);
        expect(values[0], title).toBe(-Infinity);
        expect(values, title).toEqual(values.toSorted((a, b) => a - b));
      }
  });

  it('link to each other, and only to what is there', () => {
    const uids = new Set(all.map(({ uid }) => uid));
    const links = all.flatMap((dashboard) => panelsOf(dashboard).flatMap(({ links }) => links ?? []));
    expect(links.length).toBeGreaterThan(5);
    for (const { url } of links)
      expect(uids).toContain(/^\/d\/([a-z-]+)\?\$\{__url_time_range\}$/.exec(url)?.[1]);
  });

  it('take any data source, and the symbols chosen where they show symbols', () => {
    for (const dashboard of all) {
      const names = dashboard.templating.list.map(({ name }) => name);
      expect(names[0]).toBe('datasource');
      const asks = panelsOf(dashboard).some(({ targets }) =>
        targets.some(({ expr }) => expr.includes('$symbol')),
      );
      expect([dashboard.path, names.includes('symbol')]).toEqual([dashboard.path, asks]);
      for (const { targets } of panelsOf(dashboard))
        for (const { expr } of targets) expect(() => filledIn(expr)).not.toThrow();
    }
  });

  it('say the trading state in words, not by colour alone', () => {
    const states = all.flatMap(panelsOf).filter(({ title }) => title === 'Trading state');
    expect(states).toHaveLength(2);
    for (const { fieldConfig } of states)
      expect(JSON.stringify(fieldConfig.defaults['mappings'])).toMatch(/ACTIVE.*REDUCING.*HALTED/);
  });
});

describe('the provisioning of Grafana', () => {
  it('names the folder that deploy/README.md copies the dashboards to, and a Prometheus', () => {
    const provider = read('deploy/grafana/provisioning/dashboards/ballast.yml');
    const path = /^ {6}path: (\S+)$/m.exec(provider)?.[1];
    expect(read('deploy/README.md')).toContain(`cp grafana/dashboards/*.json ${path}/`);
    const source = read('deploy/grafana/provisioning/datasources/ballast.yml');
    expect(source).toMatch(/^ {4}type: prometheus$/m);
    expect(source).toContain(
      `timeInterval: ${/scrape_interval: (\w+)/.exec(read('deploy/prometheus/prometheus.yml'))?.[1]}`,
    );
  });
});
