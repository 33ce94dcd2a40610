/** The components operators know: names, ids, ports and files (spec/contract.md, Components). */
import type { Settings } from '../core/settings.ts';

export interface ComponentSpec {
  readonly name: ComponentName;
  /** What it does, as people say it. */
  readonly title: string;
  /** The id operators use; null where there is none. */
  readonly id: string | null;
  readonly metricsPort: number;
  readonly metricsPortSetting: MetricsPortSetting;
  /** A second port that serves its health; null: none. It keeps its distance to the metrics port where that is changed. */
  readonly extraHealthPort: number | null;
  /** Holds the seconds between its ticks; null: it does not tick. */
  readonly tickSetting: TickSetting | null;
  /** Holds its mode; null: it has none of its own. */
  readonly modeSetting: ModeSetting | null;
  readonly envFile: string | null;
  readonly systemdUnit: string;
}

export const COMPONENT_NAMES = [
  'budget',
  'allocation',
  'attribution',
  'efficiency',
  'proposer',
  'governor',
  'dashboard',
] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

export type MetricsPortSetting =
  `${'P28' | 'P29' | 'P30' | 'P31' | 'PROPOSER' | 'GOV' | 'DASHBOARD'}_METRICS_PORT`;
export type TickSetting = keyof Settings &
  ('P28_INTERVAL_SEC' | 'P29_INTERVAL_SEC' | 'P30_INTERVAL_SEC' | 'P31_LOOP_SEC' | 'LOOP_INTERVAL_SEC');
export type ModeSetting = keyof Settings & ('P28_MODE' | 'P29_MODE' | 'P30_MODE' | 'P31_MODE');

export const COMPONENTS: { readonly [Name in ComponentName]: ComponentSpec } = {
  budget: {
    name: 'budget',
    title: 'portfolio risk budget',
    id: 'P2.8',
    metricsPort: 8049,
    metricsPortSetting: 'P28_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: 'P28_INTERVAL_SEC',
    modeSetting: 'P28_MODE',
    envFile: 'portfolio-risk-governor.env',
    systemdUnit: 'quantum-portfolio-risk-governor',
  },
  allocation: {
    name: 'allocation',
    title: 'capital allocation',
    id: 'P2.9',
    metricsPort: 8059,
    metricsPortSetting: 'P29_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: 'P29_INTERVAL_SEC',
    modeSetting: 'P29_MODE',
    envFile: 'capital-allocation.env',
    systemdUnit: 'quantum-capital-allocation',
  },
  attribution: {
    name: 'attribution',
    title: 'performance attribution',
    id: 'P3.0',
    metricsPort: 8061,
    metricsPortSetting: 'P30_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: 'P30_INTERVAL_SEC',
    modeSetting: 'P30_MODE',
    envFile: 'performance-attribution.env',
    systemdUnit: 'quantum-performance-attribution',
  },
  efficiency: {
    name: 'efficiency',
    title: 'capital efficiency',
    id: 'P3.1',
    metricsPort: 8062,
    metricsPortSetting: 'P31_METRICS_PORT',
    extraHealthPort: 8063,
    tickSetting: 'P31_LOOP_SEC',
    modeSetting: 'P31_MODE',
    envFile: 'capital-efficiency.env',
    systemdUnit: 'quantum-capital-efficiency',
  },
  proposer: {
    name: 'proposer',
    title: 'allocation target proposer',
    id: 'P3.1 step 1',
    metricsPort: 8065,
    metricsPortSetting: 'PROPOSER_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: 'LOOP_INTERVAL_SEC',
    modeSetting: null,
    envFile: 'allocation-target.env',
    systemdUnit: 'quantum-allocation-target',
  },
  governor: {
    name: 'governor',
    title: 'governor',
    id: 'P3.2',
    metricsPort: 8044,
    metricsPortSetting: 'GOV_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: null,
    modeSetting: null,
    envFile: 'governor.env',
    systemdUnit: 'quantum-governor',
  },
  dashboard: {
    name: 'dashboard',
    title: 'dashboard',
    id: null,
    metricsPort: 8060,
    metricsPortSetting: 'DASHBOARD_METRICS_PORT',
    extraHealthPort: null,
    tickSetting: null,
    modeSetting: null,
    envFile: null,
    systemdUnit: 'quantum-dashboard',
  },
};
