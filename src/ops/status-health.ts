/** What components answer on their metrics ports: the only source there is while a process has its store to itself. */
import { COMPONENT_NAMES, COMPONENTS } from '../contract/components.ts';
import { parseJsonObject } from '../contract/json-object.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { ReportedComponent } from './status-collect.ts';

/** A component's `/health`, as far as it is of the contract. */
export interface HealthAnswer {
  readonly component: ReportedComponent;
  readonly url: string;
  /** `ok`, `degraded`, `standby`, `starting`, `failing`, or what another program says. */
  readonly status: string;
  readonly mode: string | null;
  readonly modeWhy: string | null;
  readonly version: string | null;
  /** `connected`, `disconnected`, `embedded`, or what another program says. */
  readonly redis: string | null;
  /** Unix seconds. */
  readonly lastTick: number | null;
  readonly lagSec: number | null;
  readonly epoch: number | null;
  readonly symbols: number | null;
  /** What it says is amiss, a sentence each. */
  readonly degraded: readonly string[];
}

const LIMIT_MS = 500;
const MAX_LENGTH = 65_536;
const MAX_SENTENCES = 20;

/** Asks every port at once; who does not answer properly in time is left out. */
export async function askHealth(runtime: RuntimeSettings, limitMs = LIMIT_MS): Promise<HealthAnswer[]> {
  const answers = COMPONENT_NAMES.map(async (component) => {
    const port = runtime[COMPONENTS[component].metricsPortSetting];
    // With 0 the system chose a port nobody else knows.
    if (component === 'dashboard' || port === 0) return null;
    const url = `http://${reachable(runtime.METRICS_HOST)}:${port}/health`;
    return healthIn(component, url, await textAt(url, limitMs));
  });
  return (await Promise.all(answers)).filter((answer) => answer !== null);
}

/** Where a service bound to every address is found from here. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Null where nobody answers in time: that is the usual case, not an error. */
async function textAt(url: string, limitMs: number): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs), redirect: 'error' });
    const text = await response.text();
    return text.length > MAX_LENGTH ? null : text;
  } catch (error) {
    // fetch throws a TypeError where it cannot connect, a DOMException where time is up.
    if (error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}

function healthIn(component: ReportedComponent, url: string, text: string | null): HealthAnswer | null {
  const fields = text === null ? null : parseJsonObject(text);
  const status = fields?.get('status');
  if (fields === null || typeof status !== 'string') return null;
  const degraded = fields.get('degraded');
  const textIn = (name: string): string | null => {
    const value = fields.get(name);
    return typeof value === 'string' ? value.slice(0, 200) : null;
  };
  const numberIn = (name: string): number | null => {
    const value = fields.get(name);
    return typeof value === 'number' ? value : null;
  };
  return {
    component,
    url,
    status: status.slice(0, 40),
    mode: textIn('mode'),
    modeWhy: textIn('mode_why'),
    version: textIn('version'),
    redis: textIn('redis'),
    lastTick: numberIn('last_tick'),
    lagSec: numberIn('lag'),
    epoch: numberIn('epoch'),
    symbols: numberIn('symbols'),
    degraded: Array.isArray(degraded)
      ? degraded.filter((one) => typeof one === 'string').slice(0, MAX_SENTENCES)
      : [],
  };
}
